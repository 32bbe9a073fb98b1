// data-in-place: a form in the place of a value. Esc gives up, unless a word is being composed; Enter sends it as any form.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || event.keyCode === 229) return;
  const form = event.target.closest?.("[data-in-place]");
  if (!form) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  form.querySelector("[data-cancel]")?.click();
}, true);
