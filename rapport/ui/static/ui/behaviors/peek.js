// data-peek="<address>": opens a record in a panel beside its list, and p does so for the row with the focus. The panel goes
// on with its arrows or j and k, closes with Esc, and the page's address says what is open. Without it the link opens the record.
import { announce, isWriting, whenever } from "./whenever.js";

const PLACE = /^[a-z-]+\/[0-9a-f-]{36}$/;
const panel = document.getElementById("peek");
const body = panel?.querySelector("[data-peek-body]");
let current = null;
let asking = null;
let growing = null;

const links = () => [...document.querySelectorAll("[data-rows] [data-peek]")];

async function show(link, { focus = false } = {}) {
  asking?.abort();
  asking = new AbortController();
  mark(link);
  panel.hidden = false;
  body.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(link.dataset.peek, { headers: { "HX-Request": "true" }, cache: "no-store", signal: asking.signal });
    if (!answer.ok) return location.assign(link.href);
    fill(await answer.text());
  } catch (error) {
    if (error.name !== "AbortError") location.assign(link.href);
    return;
  }
  body.removeAttribute("aria-busy");
  const heading = body.querySelector("h2");
  if (focus) heading?.focus();
  announce(heading?.textContent ?? "");
}

function fill(html) {
  const parts = new DOMParser().parseFromString(html, "text/html").body.childNodes;
  body.replaceChildren(...parts);
  body.scrollTop = 0;
  window.htmx?.process(body);
  body.dispatchEvent(new CustomEvent("rapport:replaced", { bubbles: true }));
}

function mark(link) {
  current?.removeAttribute("aria-current");
  current = link;
  link.setAttribute("aria-current", "true");
  const all = links();
  const at = all.indexOf(link);
  panel.querySelector("[data-peek-place]").textContent = at < 0 ? "" : `${at + 1} / ${all.length}`;
  panel.querySelector("[data-peek-step='-1']").disabled = at <= 0;
  panel.querySelector("[data-peek-step='1']").disabled = at < 0 || (at === all.length - 1 && !document.getElementById("load-more"));
  panel.querySelector("[data-peek-open]").href = link.href;
  keepAddress(link.dataset.peek.replace(/^\/|\/peek\/$/g, ""));
}

function keepAddress(place) {
  const address = new URL(location.href);
  if (place) address.searchParams.set("peek", place);
  else address.searchParams.delete("peek");
  history.replaceState(history.state, "", address.href.replaceAll("%2F", "/"));
}

function step(direction) {
  const all = links();
  const next = all[all.indexOf(current) + direction];
  if (next) {
    next.closest("tr")?.scrollIntoView({ block: "nearest" });
    return show(next);
  }
  const more = document.getElementById("load-more");
  if (direction < 0 || !more) return undefined;
  growing?.abort();
  growing = new AbortController();
  document.addEventListener("htmx:afterSettle", () => { // of whatever settles meanwhile, only the longer list is waited for
    if (links().length <= all.length) return;
    growing.abort();
    step(1);
  }, { signal: growing.signal });
  return more.click();
}

function close() {
  asking?.abort();
  growing?.abort();
  const row = current?.closest("tr");
  const within = panel.contains(document.activeElement);
  panel.hidden = true;
  current?.removeAttribute("aria-current");
  current = null;
  keepAddress("");
  if (within) (row?.querySelector(".row-link") ?? document.getElementById("main"))?.focus();
}

if (panel) {
  whenever("[data-peek]", (link) => { link.hidden = false; });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-peek]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      if (link === current && !panel.hidden) close();
      else show(link, { focus: document.activeElement === link || event.detail > 0 });
    } else if (event.target.closest("[data-peek-close]")) close();
    else {
      const button = event.target.closest("[data-peek-step]");
      if (button) step(Number(button.dataset.peekStep));
    }
  });

  // what the list's own keys focus is shown as well while the panel is open
  document.addEventListener("focusin", (event) => {
    const link = !panel.hidden && event.target.matches(".row-link") && event.target.closest("tr")?.querySelector("[data-peek]");
    if (link && link !== current) show(link);
  });

  document.addEventListener("keydown", (event) => {
    if (panel.hidden || event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open], details[data-menu][open]") || isWriting(event.target)) return;
    const within = panel.contains(event.target);
    const keys = document.body.dataset.shortcuts === "on" && within ? { j: () => step(1), k: () => step(-1) } : {};
    const act = event.key === "Escape" && !document.querySelector(".bulk-bar:not([hidden])") ? close : keys[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    act();
  }, true);

  const asked = new URL(location.href).searchParams.get("peek");
  if (asked && PLACE.test(asked)) {
    const place = `/${asked}/`;
    const link = links().find((each) => each.dataset.peek === `${place}peek/`) ?? Object.assign(document.createElement("a"), { href: place });
    link.dataset.peek ??= `${place}peek/`;
    show(link);
  }
}
