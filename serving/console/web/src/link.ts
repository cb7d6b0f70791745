// A one-time link signs in by itself; without a script there is the button.
(document.getElementById("link") as HTMLFormElement).requestSubmit();
