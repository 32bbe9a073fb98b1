// Cells of a list: c (or a double click) puts a cursor on a cell that can be typed in, arrows move it, with Shift they stretch
// it, Ctrl+C copies, and what is pasted goes to the page that shows what it would change. Esc gives up.
import { announce, isWriting } from "./whenever.js";

const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
let from = null;
let to = null;

const sheet = () => document.querySelector("[data-paste]") && document.querySelector("table[data-rows]:has(th[data-typed])");
const rowsOf = (table) => [...table.tBodies[0].rows].filter((row) => row.querySelector(".select input"));
const headsOf = (table) => [...table.tHead.rows[0].cells].filter((head) => head.dataset.column && head.offsetParent);
const headOf = (cell) => cell.closest("table").tHead.rows[0].cells[cell.cellIndex];

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isWriting(event.target) || document.querySelector("dialog[open]")) return;
  if (!from) {
    if (event.key === "c" && document.body.dataset.shortcuts === "on" && begin()) event.preventDefault();
    return;
  }
  if (event.key === "Escape") leave();
  else if (ARROWS[event.key]) move(...ARROWS[event.key], event.shiftKey);
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener("dblclick", (event) => {
  const cell = event.target.closest?.("td, th");
  const table = sheet();
  if (!cell || !table?.tBodies[0].contains(cell) || headOf(cell)?.dataset.typed === undefined) return;
  window.getSelection()?.removeAllRanges();
  put(cell, cell);
});

document.addEventListener("paste", (event) => {
  if (!from || !from.isConnected || isWriting(event.target)) return;
  const text = event.clipboardData?.getData("text/plain");
  const form = document.querySelector("[data-paste]");
  if (!text || !form) return;
  event.preventDefault();
  const { rows, heads, fills } = range();
  form.elements.text.value = text;
  form.elements.rows.value = rows.map((row) => row.querySelector(".select input").value).join(",");
  form.elements.columns.value = heads.map((head) => head.dataset.column).join(",");
  form.elements.fills.value = fills ? "on" : "";
  form.requestSubmit();
});

document.addEventListener("copy", (event) => {
  if (!from || !from.isConnected || !window.getSelection()?.isCollapsed) return;
  const { rows, heads } = range(true);
  const plain = (element) => element.textContent.trim().replace(/\s+/g, " ").replace(/^—$/, "");
  const said = (row, head) => {
    const cell = row.cells[head.cellIndex];
    return cell.matches(".chips") ? [...cell.querySelectorAll(".chip")].map(plain).join(", ") : plain(cell);
  };
  event.clipboardData.setData("text/plain", rows.map((row) => heads.map((head) => said(row, head)).join("\t")).join("\n"));
  event.preventDefault();
});

function begin() {
  const table = sheet();
  if (!table) return false;
  const row = document.activeElement.closest?.("tr");
  const rows = rowsOf(table);
  const first = headsOf(table).find((head) => head.dataset.typed !== undefined);
  const cell = first && (rows.includes(row) ? row : rows[0])?.cells[first.cellIndex];
  if (cell) put(cell, cell);
  return !!cell;
}

function move(down, right, stretch) {
  const table = from.closest("table");
  const [rows, heads] = [rowsOf(table), headsOf(table)];
  const at = stretch ? to : from;
  const row = rows[Math.min(Math.max(rows.indexOf(at.parentElement) + down, 0), rows.length - 1)];
  const head = heads[Math.min(Math.max(heads.indexOf(headOf(at)) + right, 0), heads.length - 1)];
  const next = row.cells[head.cellIndex];
  put(stretch ? from : next, next);
}

// From the cell to the end of the list, or the cells that are stretched over.
function range(exactly = false) {
  const table = from.closest("table");
  const [rows, heads] = [rowsOf(table), headsOf(table)];
  const between = (items, one, other) => {
    const places = [items.indexOf(one), items.indexOf(other)].sort((a, b) => a - b);
    return items.slice(places[0], places[1] + 1);
  };
  const fills = from !== to;
  if (!fills && !exactly) {
    return { rows: rows.slice(rows.indexOf(from.parentElement)), heads: heads.slice(heads.indexOf(headOf(from))), fills };
  }
  return { rows: between(rows, from.parentElement, to.parentElement), heads: between(heads, headOf(from), headOf(to)), fills };
}

function put(start, end) {
  clear();
  [from, to] = [start, end];
  const { rows, heads } = range(true);
  for (const row of rows) for (const head of heads) row.cells[head.cellIndex].classList.add("in-range");
  end.tabIndex = -1;
  end.focus({ preventScroll: true });
  end.scrollIntoView({ block: "nearest", inline: "nearest" });
  const form = document.querySelector("[data-paste]");
  const name = end.parentElement.querySelector(".row-link")?.textContent.trim() ?? "";
  const words = headOf(end).dataset.typed === undefined ? form.dataset.closed : form.dataset.said;
  announce(words.replace("{column}", headOf(end).textContent.trim()).replace("{row}", name).replace("{value}", end.textContent.trim()));
}

function leave() {
  const link = from.parentElement.querySelector(".row-link");
  clear();
  [from, to] = [null, null];
  link?.focus();
}

function clear() {
  document.querySelectorAll(".in-range").forEach((cell) => cell.classList.remove("in-range"));
}

document.addEventListener("focusin", (event) => {
  if (!from || event.target.closest(".in-range")) return;
  clear();
  [from, to] = [null, null];
});
