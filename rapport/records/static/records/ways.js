// A board or a calendar: cards are moved by dragging, by Shift and an arrow key, or by the menu (M); all three send the same
// form. A card stands in its new place at once; what is refused puts it back and says why.
import { announce, isWriting } from "../ui/behaviors/whenever.js";

const BOARD = "[data-board]";
let carried;

const boardOf = (element) => element.closest?.(BOARD);
const cardOf = (element) => element.closest?.("[data-card]");
const columnOf = (element) => element.closest?.("[data-column]");
const columnsOf = (board) => [...board.querySelectorAll("[data-column]")];
const isDays = (board) => board.dataset.calendar !== undefined;

// A group is opened by a link, so that it works without a script; as it is called a button, the space bar presses it too.
document.addEventListener("keydown", (event) => {
  if (event.key !== " " || !event.target.matches?.(".group-toggle")) return;
  event.preventDefault();
  event.target.click();
});

document.addEventListener("dragstart", (event) => {
  const card = cardOf(event.target);
  if (!card?.draggable) return;
  carried = card;
  card.classList.add("carried");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", card.querySelector(".card-link")?.textContent ?? "");
});

document.addEventListener("dragover", (event) => {
  const column = carried && columnOf(event.target);
  if (!column || column.dataset.takes === undefined || boardOf(column) !== boardOf(carried)) return;
  event.preventDefault();
  mark(column);
});

document.addEventListener("dragend", () => {
  carried?.classList.remove("carried");
  carried = undefined;
  mark();
});

document.addEventListener("drop", (event) => {
  const column = carried && columnOf(event.target);
  if (!column || column.dataset.takes === undefined) return;
  event.preventDefault();
  const card = carried;
  mark();
  move(card, column);
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const board = boardOf(event.target);
  if (!board || isWriting(event.target)) return;
  if (event.key.startsWith("Arrow") ? walk(board, event) : turn(board, event.key)) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-move]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    ask(link);
  }
  const close = event.target.closest("dialog [data-close]");
  if (close) {
    event.preventDefault();
    close.closest("dialog").close();
  }
});

document.addEventListener("submit", (event) => {
  const dialog = event.target.matches("dialog [data-move-form]") && event.target.closest("dialog");
  if (!dialog) return;
  event.preventDefault();
  const card = document.getElementById(dialog.dataset.card);
  const to = event.target.elements.to.value;
  dialog.close();
  const column = columnsOf(boardOf(card)).find((each) => each.dataset.column === to);
  move(card, column, to);
});

// no element has this name, since the browser would take the focus there
if (location.hash === "#days") document.querySelector("#calendar [data-column][tabindex='0']")?.focus();

// Arrow keys: from card to card, or from day to day; with Shift they take the card along.
function walk(board, event) {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: isDays(board) ? -7 : 0, ArrowDown: isDays(board) ? 7 : 0 }[event.key];
  const columns = columnsOf(board);
  const card = cardOf(event.target);
  const here = columns.indexOf(columnOf(event.target));
  if (event.shiftKey) {
    if (!card?.draggable || !step) return false;
    const column = after(columns, here, step, (each) => each.dataset.takes !== undefined);
    if (column) move(card, column);
    return true;
  }
  if (isDays(board)) {
    const column = columns[(here < 0 ? 0 : here) + step];
    if (column) stand(board, column);
    else turn(board, step < 0 ? "PageUp" : "PageDown");
    return true;
  }
  if (!card) return focusOn(columns.find((each) => each.querySelector(".card-link")));
  const cards = [...columnOf(card).querySelectorAll("[data-card]")];
  const at = cards.indexOf(card);
  if (!step) return focusOn(cards[at + (event.key === "ArrowUp" ? -1 : 1)]);
  const column = after(columns, here, step, (each) => each.querySelector(".card-link"));
  const theirs = column ? [...column.querySelectorAll("[data-card]")] : [];
  return focusOn(theirs[Math.min(at, theirs.length - 1)]);
}

function after(columns, here, step, fits) {
  for (let at = here + step; at >= 0 && at < columns.length; at += step) if (fits(columns[at])) return columns[at];
  return undefined;
}

function focusOn(element) {
  const link = element?.querySelector(".card-link");
  link?.focus();
  link?.scrollIntoView({ block: "nearest", inline: "nearest" });
  return true;
}

function stand(board, column) {
  for (const each of columnsOf(board)) each.tabIndex = each === column ? 0 : -1;
  column.focus();
}

// Page Up and Page Down turn the calendar's page; Enter on a day goes to its first record.
function turn(board, key) {
  if (!isDays(board)) return false;
  const link = { PageUp: "[data-before]", PageDown: "[data-after]" }[key];
  if (link) document.querySelector(link)?.click();
  if (key === "Enter" && document.activeElement.matches("[data-column]")) return focusOn(document.activeElement);
  return !!link;
}

function mark(column) {
  document.querySelectorAll("[data-column].over").forEach((each) => each.classList.toggle("over", each === column));
  column?.classList.add("over");
}

async function ask(link) {
  const answer = await fetch(link.href, { headers: { "HX-Request": "true" } }).catch(() => undefined);
  if (!answer?.ok) return location.assign(link.href);
  const dialog = document.getElementById("move-dialog") ?? document.body.appendChild(document.createElement("dialog"));
  dialog.id = "move-dialog";
  dialog.className = "dialog";
  dialog.dataset.card = cardOf(link).id;
  dialog.setAttribute("aria-label", link.getAttribute("aria-label"));
  dialog.replaceChildren(...parsed(await answer.text()).body.childNodes);
  dialog.showModal();
  return dialog.addEventListener("close", () => focusOn(document.getElementById(dialog.dataset.card)), { once: true });
}

async function move(card, column, to = column.dataset.column) {
  const board = boardOf(card);
  const [home, next, was] = [card.parentElement, card.nextElementSibling, card.dataset.value];
  if (to === was || card.ariaBusy === "true") return;
  card.ariaBusy = "true";
  if (column) column.querySelector("[data-cards]").prepend(card);
  focusOn(card);
  const sent = new URLSearchParams({ to, was, query: board.dataset.query });
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const headers = { "HX-Request": "true", "X-CSRFToken": token };
  const action = card.querySelector("[data-move]").href.split("?")[0];
  const answer = await fetch(action, { method: "POST", body: sent, headers }).catch(() => undefined);
  card.ariaBusy = null;
  const page = answer && parsed(await answer.text());
  const told = page?.querySelector("[data-moved]");
  if (!told) {
    home.insertBefore(card, next?.parentElement === home ? next : null);
    focusOn(card);
    return failed(board);
  }
  if (told.dataset.refused !== undefined) home.insertBefore(card, next?.parentElement === home ? next : null);
  return settle(board, card, told, page);
}

// Every piece of the answer takes the place of the one with its id; the card stays where it is, or goes where it was moved
// by somebody else.
function settle(board, card, told, page) {
  let shown = card;
  const fresh = page.getElementById(card.id);
  if (fresh) {
    const [box, before] = [fresh, card].map((each) => each.querySelector("[data-select-row]"));
    if (box) box.checked = before?.checked ?? false;
    card.replaceWith(fresh);
    shown = fresh;
    const column = columnsOf(board).find((each) => each.dataset.column === told.dataset.moved);
    if (column && columnOf(shown) !== column) column.querySelector("[data-cards]").prepend(shown);
    else if (!column) shown.remove();
  } else if (told.dataset.refused === undefined) shown.remove();
  for (const piece of page.querySelectorAll("body > [id]:not([data-card])")) document.getElementById(piece.id)?.replaceWith(piece);
  for (const toasts of page.querySelectorAll("[hx-swap-oob='beforeend:#toasts']")) document.getElementById("toasts").append(...toasts.children);
  const changes = document.getElementById("list-changes");
  changes?.dispatchEvent(new CustomEvent("rapport:replaced", { bubbles: true }));
  focusOn(shown);
}

function failed(board) {
  const toast = document.getElementById("toast-failed")?.content.firstElementChild.cloneNode(true);
  if (toast) document.getElementById("toasts").append(toast);
  else announce(board.dataset.gone);
}

function parsed(html) {
  return new DOMParser().parseFromString(html, "text/html");
}
