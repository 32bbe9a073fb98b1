// Check all rows, count the checked ones, show what can be done with them; Esc clears.
import { announce } from "./whenever.js";

const boxes = () => [...document.querySelectorAll("[data-rows] tbody .select input")];

function count() {
  const bar = document.querySelector("[data-bulk-bar]");
  const all = boxes();
  const checked = all.filter((box) => box.checked).length;
  document.querySelectorAll("[data-select-all]").forEach((box) => {
    box.checked = checked > 0 && checked === all.length;
    box.indeterminate = checked > 0 && checked < all.length;
  });
  if (!bar) return;
  const said = bar.querySelector("[data-bulk-count]");
  said.textContent = checked === 1 ? said.dataset.one : said.dataset.many.replace("{n}", checked);
  bar.hidden = checked === 0;
  announce(said.textContent);
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-all]")) boxes().forEach((box) => { box.checked = event.target.checked; });
  else if (!event.target.matches("[data-rows] .select input")) return;
  count();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || document.querySelector("dialog[open]")) return;
  if (!boxes().some((box) => box.checked)) return;
  boxes().forEach((box) => { box.checked = false; });
  count();
});

if (boxes().some((box) => box.checked)) count();
