// data-mentions="<address>": while a name is typed after @, colleagues who may see the record are offered.
// Arrows choose, Enter or Tab takes, Esc leaves; without this script names are typed in full.
const NAME = /(?:^|[^\w@./])@([^\s@][^@\n]{0,40}|)$/u;
let field;
let list;
let people = [];
let chosen = 0;
let asked;

function typed() {
  if (field.selectionStart !== field.selectionEnd) return undefined;
  return NAME.exec(field.value.slice(0, field.selectionStart))?.[1];
}

async function offer() {
  asked?.abort();
  const text = typed();
  if (text === undefined) return close();
  asked = new AbortController();
  try {
    const query = new URLSearchParams({ q: text });
    const answer = await fetch(`${field.dataset.mentions}?${query}`, { signal: asked.signal });
    people = answer.ok ? (await answer.json()).people : [];
  } catch (error) {
    if (error.name === "AbortError") return undefined;
    people = [];
  }
  return people.length ? show() : close();
}

function show() {
  list ??= document.createElement("ul");
  list.id = "mention-list";
  list.className = "mention-list card";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.dataset.mentionsLabel);
  list.replaceChildren(...people.map((person, place) => {
    const option = document.createElement("li");
    option.id = `mention-${place}`;
    option.setAttribute("role", "option");
    option.textContent = person.name;
    option.addEventListener("mousedown", (event) => {
      event.preventDefault();
      take(place);
    });
    return option;
  }));
  field.after(list);
  field.setAttribute("aria-controls", list.id);
  choose(0);
}

function choose(place) {
  chosen = (place + people.length) % people.length;
  [...list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === chosen)));
  field.setAttribute("aria-activedescendant", `mention-${chosen}`);
}

function take(place) {
  const text = typed() ?? "";
  const end = field.selectionStart;
  field.setRangeText(`${people[place].name} `, end - text.length, end, "end");
  close();
}

function close() {
  people = [];
  list?.remove();
  field?.removeAttribute("aria-activedescendant");
  field?.removeAttribute("aria-controls");
}

document.addEventListener("input", (event) => {
  if (!event.target.matches?.("[data-mentions]") || event.isComposing) return;
  field = event.target;
  offer();
});

document.addEventListener("keydown", (event) => {
  if (!people.length || event.target !== field || event.isComposing || event.keyCode === 229) return;
  if (event.key === "ArrowDown") choose(chosen + 1);
  else if (event.key === "ArrowUp") choose(chosen - 1);
  else if (event.key === "Enter" || event.key === "Tab") take(chosen);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener("focusout", (event) => {
  if (event.target === field) close();
});
