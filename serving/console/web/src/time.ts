/** Times for people: the city's zone and 24 hours; the page says both the zone and the language. */

import { words } from "./words";

const { lang, dataset } = document.documentElement;
const timeZone = dataset.timeZone ?? "UTC";
const clock = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone });
const clock24 = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone });
const day = new Intl.DateTimeFormat(lang, { month: "short", day: "numeric", timeZone });
const date = new Intl.DateTimeFormat("sv", { dateStyle: "short", timeZone }); // 2026-01-31

/** 14:03:27, with the day before it where that is not today. */
export function moment(at: string | Date, now = new Date()): string {
  const time = new Date(at);
  return date.format(time) === date.format(now) ? clock.format(time) : `${day.format(time)} ${clock.format(time)}`;
}

/** 2026-01-31 14:03:27. */
export function stamp(at: string | Date): string {
  const time = new Date(at);
  return `${date.format(time)} ${clock.format(time)}`;
}

/** How long ago, in its largest unit: 8 s, 12 min, 3 h, 2 d. */
export function age(at: string, now = Date.now()): string {
  return span((now - Date.parse(at)) / 1000);
}

export function span(seconds: number): string {
  if (seconds < 60) return words.seconds(Math.floor(Math.max(0, seconds)));
  if (seconds < 3600) return words.minutes(Math.floor(seconds / 60));
  if (seconds < 86_400) return words.hours(Math.floor(seconds / 3600));
  return words.days(Math.floor(seconds / 86_400));
}

/** When the city's day began that holds `now`, in milliseconds since 1970. */
export function dayStart(now: number): number {
  const [hours = 0, minutes = 0, seconds = 0] = clock24.format(now).split(":").map(Number);
  return Math.floor(now / 1000) * 1000 - ((hours * 60 + minutes) * 60 + seconds) * 1000;
}
