// Search or jump: ⌘K or Ctrl K over any page. A combobox whose results come from the search page itself.
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

function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  page.querySelectorAll("h2").forEach((heading) => heading.setAttribute("aria-hidden", "true"));
  page.querySelectorAll("ul").forEach((group) => {
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", group.previousElementSibling?.textContent ?? "");
  });
  page.querySelectorAll("li").forEach((item) => item.setAttribute("role", "none"));
  page.querySelectorAll("li a").forEach((link, place) => {
    link.id = `palette-option-${place}`;
    link.setAttribute("role", "option");
    link.tabIndex = -1;
  });
  const nothing = page.querySelector("body > p");
  list.replaceChildren(...(nothing ? [] : page.body.children));
  list.hidden = !!nothing;
  status.textContent = nothing ? nothing.textContent : "";
  status.classList.toggle("visually-hidden", !nothing);
  if (!nothing) status.textContent = status.dataset.found.replace("{n}", options().length);
  box.setAttribute("aria-expanded", String(options().length > 0));
  choose(0);
  if (enterWaits) options()[0]?.click();
  enterWaits = false;
}

async function ask() {
  asked?.abort();
  asked = new AbortController();
  const text = box.value;
  const query = new URLSearchParams({ q: text });
  try {
    const answer = await fetch(`${dialog.dataset.source}?${query}`, { headers: { "HX-Request": "true" }, signal: asked.signal });
    if (!answer.ok) return location.reload();
    const html = await answer.text();
    shownFor = text;
    show(html);
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
