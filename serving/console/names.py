"""What the codes of the API are called on pages that are made here. Scripts have theirs in web/src/words.ts."""

from __future__ import annotations

from serving.console.language import N_

NAMES = {
    "flame": N_("Flame"), "smoke": N_("Smoke"), "waste": N_("Waste"),
    "real": N_("Real"), "false": N_("False"), "unsure": N_("Unsure"), "none": N_("Not decided"),
    "viewer": N_("Viewer"), "operator": N_("Operator"), "commander": N_("Commander"), "engineer": N_("Engineer"),
    "admin": N_("Administrator"),
    "hub": N_("City hub"), "district": N_("District"), "township": N_("Township"), "fire_brigade": N_("Fire brigade"),
    "forestry": N_("Forestry"), "city_management": N_("City management"), "agency": N_("Agency"),
    "frames": N_("send frames"), "read": N_("read"), "review": N_("review"), "command": N_("command"),
    "report": N_("report"), "train": N_("train"),
    "seen": N_("seen often enough"), "sure": N_("seen plainly"), "changed": N_("always there, but grown"),
    "camera.add": N_("camera added"), "camera.change": N_("camera changed"), "cameras.import": N_("cameras imported"),
    "unit.add": N_("unit added"), "unit.change": N_("unit changed"), "user.add": N_("user added"),
    "user.change": N_("user changed"), "user.password": N_("password changed"),
    "user.link": N_("sign-in link made"), "key.create": N_("key made"),
    "key.revoke": N_("key revoked"), "sign_in": N_("signed in"), "sign_in.refused": N_("sign-in refused"),
    "sign_out": N_("signed out"), "event.review": N_("event decided"), "event.undo": N_("decision taken back"),
    "export.clip": N_("clip exported"), "export.evidence": N_("evidence exported"),
    "export.reviews": N_("training data exported"),
    "drill.start": N_("drill started"), "drill.end": N_("drill ended"),
    "cloud": N_("Cloud"), "fog": N_("Fog"), "dust": N_("Dust"), "steam": N_("Steam"), "chimney": N_("Chimney"),
    "sun_glare": N_("Sun glare"), "sunset": N_("Sunset"), "street_lamp": N_("Street lamp"), "tail_lights": N_("Tail lights"),
    "vehicle_lights": N_("Vehicle lights"), "welding": N_("Welding"), "barbecue": N_("Barbecue"),
    "incense": N_("Incense, paper"), "fireworks": N_("Fireworks"), "red_object": N_("Red object"),
    "water_reflection": N_("Water reflection"), "lens_dirt": N_("Dirt on the lens"),
    "permitted_burning": N_("Permitted burning"), "legal_storage": N_("Legal storage"), "other": N_("Other"),
}  # fmt: skip


def of(code: str) -> str:
    """In English, for the translator; a code that nobody named yet is shown as it is."""
    return NAMES.get(code, code)
