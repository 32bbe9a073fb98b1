// Single keys: / search, ? help, g and a letter to go, j k rows, x select, b to what can be done with the selected rows,
// l log, u undo what one did last, every button that prints its key, and within a row those that its buttons name as data-row-key.
// Off while writing, while a word is being composed, over a dialog, and where the person turned them off.
import { isWriting } from "./whenever.js";

const PAUSE = 1500;
let goingSince = 0;

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.body.dataset.shortcuts !== "on" || isWriting(event.target) || document.querySelector("dialog[open]")) return;
  const going = Date.now() - goingSince < PAUSE;
  goingSince = 0;
  if (going ? go(event.key) : act(event.key)) event.preventDefault();
});

function go(key) {
  return press(document.querySelector(`[data-go="${CSS.escape(key.toLowerCase())}"]`));
}

function act(key) {
  if (key === "g") {
    goingSince = Date.now();
    return true;
  }
  if (key === "?") return open("keys");
  if (key === "/") return focusOn("[data-search]");
  if (key === "u") return undo();
  if (key === "j") return step(1);
  if (key === "k") return step(-1);
  if (key === "b" && focusOn("[data-bulk-bar]:not([hidden]) button")) return true;
  const row = document.activeElement.closest?.("tr, [data-row]");
  if (key === "x" && press(row?.querySelector(".select input, [data-select-row]"))) return true;
  if (press(row?.querySelector(`[data-row-key="${CSS.escape(key.toLowerCase())}"]`))) return true;
  return press(document.querySelector(`[data-key="${CSS.escape(key.toLowerCase())}"]`)) || (key === "l" && focusOn("[data-quick-log] :is(input:not([type=hidden]), textarea)"));
}

function undo() {
  const form = document.querySelector("[data-undo-last]");
  if (!form) return false;
  form.elements.next.value = location.pathname + location.search;
  form.requestSubmit();
  return true;
}

function step(direction) {
  const links = [...document.querySelectorAll("[data-rows] .row-link")];
  if (!links.length) return false;
  const row = document.activeElement.closest?.("tr");
  const here = links.findIndex((link) => link.closest("tr") === row);
  const next = links[here < 0 ? (direction > 0 ? 0 : links.length - 1) : here + direction];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
  return true;
}

function focusOn(selector) {
  const field = document.querySelector(selector);
  field?.focus();
  field?.select?.();
  return !!field;
}

function open(id) {
  const dialog = document.getElementById(id);
  dialog?.showModal();
  return !!dialog;
}

function press(element) {
  element?.click();
  return !!element;
}
