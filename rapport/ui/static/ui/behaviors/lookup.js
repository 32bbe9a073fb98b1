// data-lookup="<where records are found>" data-make="<where one is made>": a field in which a record is looked up by its name, and
// made where there is none, without leaving the page. What is chosen stands in the hidden fields named in data-kind and data-id.
// A combobox: arrows choose, Enter takes, Esc closes.
import { announce, whenever } from "./whenever.js";

whenever("[data-lookup]", (whole) => {
  const box = whole.querySelector("[role=combobox]");
  const list = whole.querySelector("[role=listbox]");
  const kind = whole.querySelector("[data-lookup-kind]");
  const id = whole.querySelector("[data-lookup-id]");
  let chosen = -1;
  let waiting = 0;
  let asked;
  whole.hidden = false;

  const options = () => [...list.children];
  const close = () => {
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  const choose = (place) => {
    const all = options();
    chosen = all.length ? (place + all.length) % all.length : -1;
    all.forEach((option, index) => option.setAttribute("aria-selected", String(index === chosen)));
    if (chosen >= 0) box.setAttribute("aria-activedescendant", all[chosen].id);
    all[chosen]?.scrollIntoView({ block: "nearest" });
  };
  const take = (record) => {
    box.value = record.name;
    kind.value = record.kind;
    id.value = record.id;
    box.setCustomValidity("");
    close();
    announce(record.name);
    box.focus();
  };
  const make = async (maker) => {
    const body = new URLSearchParams({ kind: maker.kind, as: maker.as, name: box.value });
    const token = document.querySelector('meta[name="csrf-token"]').content;
    const answer = await fetch(whole.dataset.make, { method: "POST", body, headers: { "X-CSRFToken": token } });
    if (answer.ok) take(await answer.json());
    else announce(whole.dataset.failed);
  };
  const option = (said, more, act) => {
    const item = document.createElement("li");
    item.id = `${list.id}-${list.children.length}`;
    item.setAttribute("role", "option");
    item.append(said, Object.assign(document.createElement("span"), { className: "small", textContent: more }));
    item.addEventListener("mousedown", (event) => event.preventDefault());
    item.addEventListener("click", act);
    list.append(item);
  };
  const ask = async () => {
    asked?.abort();
    asked = new AbortController();
    const words = box.value.trim();
    if (!words) return close();
    try {
      const answer = await fetch(`${whole.dataset.lookup}?${new URLSearchParams({ q: words })}`, { signal: asked.signal });
      if (!answer.ok || box.value.trim() !== words) return;
      const { found, make: makers } = await answer.json();
      list.replaceChildren();
      found.forEach((record) => option(record.name, record.what, () => take(record)));
      makers.forEach((maker) => option(`“${words}”`, maker.label, () => make(maker)));
      list.hidden = !list.children.length;
      box.setAttribute("aria-expanded", String(!list.hidden));
      choose(0);
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };

  box.addEventListener("input", () => {
    kind.value = id.value = "";
    box.setCustomValidity(box.value.trim() ? whole.dataset.missing : "");
    clearTimeout(waiting);
    waiting = setTimeout(ask, 150);
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || list.hidden) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter") options()[chosen]?.click();
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  box.addEventListener("blur", close);
  box.form?.addEventListener("reset", () => { kind.value = id.value = ""; });
});
