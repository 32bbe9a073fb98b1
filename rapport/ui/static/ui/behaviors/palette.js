// Search, jump, or do something: ⌘K or Ctrl K over any page. A combobox: first what can be done with the selected rows and
// with the page, then what the search page itself finds. Several lines that are pasted go to the form that takes them.
import { actsOnPage, actsOnSelection } from "./acts.js";
import { visited } from "./recent.js";

const dialog = document.getElementById("palette");
const box = dialog?.querySelector("input");
const list = document.getElementById("palette-list");
const status = dialog?.querySelector("[role=status]");
let chosen = -1;
let waiting = 0;
let asked;
let shownFor; // the text that the results on the screen answer
let enterWaits = false; // Enter was pressed before they came

function options() {
  return [...list.querySelectorAll("[role=option]")];
}

function choose(place) {
  const all = options();
  chosen = all.length ? (place + all.length) % all.length : -1;
  all.forEach((option, index) => option.setAttribute("aria-selected", String(index === chosen)));
  box.setAttribute("aria-activedescendant", all[chosen]?.id ?? "");
  all[chosen]?.scrollIntoView({ block: "nearest" });
}

function fits(said, text) {
  const words = said.toLowerCase().split(" ");
  return words.some((_, place) => words.slice(place).join(" ").startsWith(text));
}

function group(title, acts) {
  const heading = Object.assign(document.createElement("h2"), { textContent: title });
  const all = Object.assign(document.createElement("ul"), { className: "found" });
  for (const { said, key, run } of acts) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: said });
    if (key) {
      const more = Object.assign(document.createElement("span"), { className: "found-more" });
      const shown = Object.assign(document.createElement("kbd"), { textContent: key.toUpperCase(), ariaHidden: "true" });
      more.append(shown);
      button.append(more);
    }
    button.addEventListener("click", () => {
      dialog.close();
      run();
    });
    const item = document.createElement("li");
    item.append(button);
    all.append(item);
  }
  return acts.length ? [heading, all] : [];
}

function actsFor(text) {
  const wanted = text.trim().toLowerCase();
  const fitting = (acts) => acts.filter(({ said }) => !wanted || fits(said, wanted));
  const selected = actsOnSelection();
  return [...group(selected.title, fitting(selected.acts)), ...group(dialog.dataset.here, fitting(actsOnPage()))];
}

// What the page's own button does needs no second line.
function dropDoubles(page, mine) {
  const said = new Set(mine.flatMap((part) => [...part.querySelectorAll("button")].map((button) => button.firstChild.textContent)));
  page.querySelectorAll("li").forEach((item) => { if (said.has(item.querySelector("a").firstChild.textContent.trim())) item.remove(); });
  page.querySelectorAll("ul").forEach((each) => {
    if (each.children.length) return;
    each.previousElementSibling?.remove();
    each.remove();
  });
}

function show(html, text) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const nothing = page.querySelector("body > p");
  const mine = actsFor(text);
  dropDoubles(page, mine);
  const parts = [...mine, ...(nothing ? [] : page.body.children)];
  list.replaceChildren(...parts);
  list.querySelectorAll("h2").forEach((heading) => heading.setAttribute("aria-hidden", "true"));
  list.querySelectorAll("ul").forEach((each) => {
    each.setAttribute("role", "group");
    each.setAttribute("aria-label", each.previousElementSibling?.textContent ?? "");
  });
  list.querySelectorAll("li").forEach((item) => item.setAttribute("role", "none"));
  list.querySelectorAll("li > :is(a, button)").forEach((option, place) => {
    option.id = `palette-option-${place}`;
    option.setAttribute("role", "option");
    option.tabIndex = -1;
  });
  list.hidden = !parts.length;
  status.textContent = parts.length ? status.dataset.found.replace("{n}", options().length) : nothing?.textContent ?? "";
  status.classList.toggle("visually-hidden", parts.length > 0);
  box.setAttribute("aria-expanded", String(options().length > 0));
  choose(0);
  if (enterWaits) options()[0]?.click();
  enterWaits = false;
}

async function ask() {
  asked?.abort();
  asked = new AbortController();
  const text = box.value;
  const query = new URLSearchParams([["q", text], ...visited().filter((path) => path !== location.pathname).map((path) => ["recent", path])]);
  try {
    const answer = await fetch(`${dialog.dataset.source}?${query}`, { headers: { "HX-Request": "true" }, signal: asked.signal });
    if (!answer.ok) return location.reload();
    const html = await answer.text();
    shownFor = text;
    show(html, text);
  } catch (error) {
    if (error.name !== "AbortError") status.textContent = dialog.dataset.failed;
  }
}

function enter() {
  if (box.value === shownFor) return options()[chosen]?.click();
  enterWaits = true;
  clearTimeout(waiting);
  ask();
}

function open() {
  shownFor = undefined;
  enterWaits = false;
  document.querySelectorAll("dialog[open]").forEach((other) => other.close());
  dialog.showModal();
  box.select();
  ask();
}

if (dialog) {
  if (/Mac|iP/.test(navigator.platform)) document.querySelectorAll("[data-command-key]").forEach((key) => { key.textContent = "⌘K"; });
  document.addEventListener("keydown", (event) => {
    if (!(event.metaKey || event.ctrlKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-palette-open]") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    open();
  });
  box.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const form = document.querySelector("[data-takes-paste]");
    if (!form || !text.trim().includes("\n")) return;
    event.preventDefault();
    form.querySelector("textarea").value = text;
    form.submit();
  });
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 120);
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter") enter();
    else return;
    event.preventDefault();
  });
}
