// What can be done here: what the buttons of the page say and their keys. The sheet of keys, the search box and the keys
// themselves all read it from the page, so that they offer what is there and nothing else.
const UNSEEN = "[hidden], noscript, dialog";

export function say(element) {
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd, svg, [aria-hidden=true]").forEach((part) => part.remove());
  return (element.dataset.said ?? element.getAttribute("aria-label") ?? copy.textContent).trim().replace(/\s+/g, " ");
}

const isThere = (element) => !element.closest(UNSEEN) && !element.disabled && !element.closest("details:not([data-menu]):not([open]), [data-row]");
const act = (element) => ({ said: say(element), key: element.dataset.key ?? "", run: () => element.click() });

// With the selected rows: what they are called, and what can be done with them.
export function actsOnSelection() {
  const bar = document.querySelector("[data-bulk-bar]:not([hidden])");
  const acts = bar ? [...bar.querySelectorAll("button")].filter(isThere).map(act) : [];
  return { title: bar?.querySelector("[data-bulk-count]")?.textContent ?? "", acts };
}

// With the page: its buttons at the top, and whatever prints a key.
export function actsOnPage() {
  const found = document.querySelectorAll(".page-actions :is(a, button), main [data-key]");
  const acts = [...found].filter((element) => isThere(element) && !element.closest("[data-bulk-bar], .tabs")).map(act).filter(({ said }) => said);
  const undo = document.querySelector("[data-undo-last]");
  if (undo) acts.push({ said: undo.dataset.said, key: "u", run: undoLast });
  return acts.filter(({ said }, place) => acts.findIndex((other) => other.said === said) === place);
}

// What a key does with the row that has the focus, as the page says it for all of its rows.
export function actOnRow(key, row) {
  const named = document.querySelector(`[data-row-act="${CSS.escape(key)}"]`);
  const link = named && row?.querySelector(".row-link");
  return link ? () => location.assign(new URL(named.dataset.to, link.href)) : null;
}

export function undoLast() {
  const form = document.querySelector("[data-undo-last]");
  if (!form) return false;
  form.elements.next.value = location.pathname + location.search;
  form.requestSubmit();
  return true;
}
