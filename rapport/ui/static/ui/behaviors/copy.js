// data-copy: a button that copies its text.
import { announce, whenever } from "./whenever.js";

if (navigator.clipboard) whenever("[data-copy]", (button) => { button.hidden = false; });

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.dataset.copied = "";
  announce(button.getAttribute("aria-label"));
  setTimeout(() => delete button.dataset.copied, 1500);
});
