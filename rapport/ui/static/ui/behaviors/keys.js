// Single keys: / search, ? help, g and a letter to go, j k rows, x select, X all that fit, b to what can be done with the selected rows,
// u undo what one did last; within a row what its buttons name as data-row-key, and what the page says of all its rows
// (data-row-act); then every button of the page that prints its key, and what can be begun from anywhere. A key of the bar of
// selected rows takes the row that has the focus where none is selected.
// Off while writing, while a word is being composed, over a dialog, and where the person turned them off.
import { actOnRow, actsOnPage, say, undoLast } from "./acts.js";
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
  if (key === "?") return showKeys();
  if (key === "/") return focusOn("[data-search]");
  if (key === "u") return undoLast();
  if (key === "j") return step(1);
  if (key === "k") return step(-1);
  if (key === "Enter") return enter();
  if (key === "b" && focusOn("[data-bulk-bar]:not([hidden]) button")) return true;
  const row = document.activeElement.closest?.("tr, [data-row]");
  if (key === "x" && press(row?.querySelector(".select input, [data-select-row]"))) return true;
  if (key === "X" && press(document.querySelector("[data-bulk-bar] [data-select-everything]"))) return true;
  const letter = key.toLowerCase();
  if (press(row?.querySelector(`[data-row-key="${CSS.escape(letter)}"]`))) return true;
  return run(actOnRow(letter, row)) || pressNamed(letter, row);
}

function pressNamed(letter, row) {
  const named = [...document.querySelectorAll(`[data-key="${CSS.escape(letter)}"]`)];
  if (press(named.find((element) => !element.closest("[hidden]")))) return true;
  const box = row?.querySelector(".select input, [data-select-row]");
  const waiting = box && named.find((element) => element.closest("[data-bulk-bar]"));
  if (waiting) {
    if (!box.checked) box.click();
    return press(waiting);
  }
  if (letter === "l" && focusOn("[data-quick-log] :is(input:not([type=hidden]), textarea)")) return true;
  return press(named.find((element) => element.closest("[data-shell-acts]")));
}

function run(doIt) {
  doIt?.();
  return !!doIt;
}

// The sheet tells of the keys that this page has, no others.
function showKeys() {
  const sheet = document.getElementById("keys");
  if (!sheet) return false;
  sheet.querySelectorAll("[data-needs]").forEach((line) => { line.hidden = !document.querySelector(line.dataset.needs); });
  sheet.querySelectorAll("section").forEach((section) => { section.hidden = !section.querySelector("dl > :not([hidden])"); });
  const here = sheet.querySelector("[data-keys-here]");
  const lines = [...rowActs(), ...actsOnPage().filter(({ key }) => key && key !== "u"), ...bulkKeys()];
  here.querySelector("dl").replaceChildren(...lines.map(line));
  here.hidden = !lines.length;
  sheet.showModal();
  return true;
}

const rowActs = () => [...document.querySelectorAll("[data-row-act]")].map((act) => ({ key: act.dataset.rowAct, said: act.textContent }));
const bulkKeys = () => [...document.querySelectorAll("[data-bulk-bar] [data-key]")].map((button) => ({ key: button.dataset.key, said: say(button) }));

function line({ key, said }) {
  const whole = document.createElement("div");
  const term = document.createElement("dt");
  term.append(Object.assign(document.createElement("kbd"), { textContent: key }));
  whole.append(term, Object.assign(document.createElement("dd"), { textContent: said }));
  return whole;
}

// The rows and cards that lead somewhere; where a page has none of those, all its rows, which are stood on themselves.
function walked() {
  const links = [...document.querySelectorAll("[data-rows] .row-link, [data-card] .card-link")];
  if (links.length) return links;
  return [...document.querySelectorAll("table[data-rows] tbody tr:not(.empty-row)")].filter((row) => row.checkVisibility());
}

const STOP = "tr, [data-card]";

function step(direction) {
  const stops = walked();
  if (!stops.length) return false;
  const row = document.activeElement.closest?.(STOP);
  const here = stops.findIndex((stop) => stop.closest(STOP) === row);
  const next = stops[here < 0 ? (direction > 0 ? 0 : stops.length - 1) : here + direction];
  if (next?.matches("tr")) next.tabIndex = -1;
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
  return true;
}

// On a row itself: where it leads, else to what can be done with it, which Enter then does.
function enter() {
  const row = document.activeElement;
  if (!row.matches?.("table[data-rows] tbody tr")) return false;
  const link = row.querySelector("a[href]:not(.acts a)");
  if (link) return press(link);
  const first = row.querySelector("button, a[href]");
  first?.focus();
  return !!first;
}

function focusOn(selector) {
  const field = document.querySelector(selector);
  field?.focus();
  field?.select?.();
  return !!field;
}

function press(element) {
  element?.click();
  return !!element;
}
