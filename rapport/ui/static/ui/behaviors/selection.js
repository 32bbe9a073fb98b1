// Check all rows, count the checked ones, show what can be done with them; Esc clears, unless it closed a menu. "All that fit" means the rows of
// the other pages too, and holds as long as every row of this page is checked.
import { announce, whenever } from "./whenever.js";

const ROW = "[data-rows] tbody .select input, [data-select-row]";
const boxes = () => [...document.querySelectorAll(ROW)];
const whole = () => [...document.querySelectorAll("[data-select-everything]")];

function count() {
  const bar = document.querySelector("[data-bulk-bar]");
  const all = boxes();
  const checked = all.filter((box) => box.checked).length;
  if (checked < all.length) whole().forEach((box) => { box.checked = false; });
  document.querySelectorAll("[data-select-all]").forEach((box) => {
    box.checked = checked > 0 && checked === all.length;
    box.indeterminate = checked > 0 && checked < all.length;
  });
  if (!bar) return;
  const said = bar.querySelector("[data-bulk-count]");
  const everything = whole().find((box) => box.checked);
  said.textContent = everything ? everything.dataset.said
    : checked === 1 ? said.dataset.one : said.dataset.many.replace("{n}", checked);
  bar.hidden = checked === 0;
  announce(said.textContent);
}

document.addEventListener("change", (event) => {
  const { target } = event;
  if (target.matches("[data-select-all]")) boxes().forEach((box) => { box.checked = target.checked; });
  else if (target.matches("[data-select-everything]")) {
    if (target.checked) boxes().forEach((box) => { box.checked = true; });
  } else if (!target.matches(ROW)) return;
  count();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
  if (!boxes().some((box) => box.checked)) return;
  boxes().forEach((box) => { box.checked = false; });
  count();
});

// rows that come in later are not among those that were checked
whenever(ROW, () => { if (boxes().some((box) => box.checked)) count(); });
window.addEventListener("pageshow", () => { if (boxes().some((box) => box.checked)) count(); });
