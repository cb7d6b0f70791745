// Without a script the browser's own menu prints.
const button = document.getElementById("print") as HTMLButtonElement;
button.hidden = false;
button.addEventListener("click", () => window.print());

export {};
