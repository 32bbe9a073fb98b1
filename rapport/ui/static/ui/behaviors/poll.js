// data-poll="<address>": ask again every few seconds while the tab is seen, and stop when the answer no longer polls.
// What is being edited is never replaced. The answer's first element takes the place of the piece; each further one takes
// that of the element with its id.
import { whenever } from "./whenever.js";

const LONGEST = 60;

function follow(element) {
  if (element.dataset.polling !== undefined) return;
  element.dataset.polling = "";
  const tag = element.dataset.pollTag;
  let pause = Number(element.dataset.pollSeconds) || 30;

  const again = () => setTimeout(ask, pause * 1000);
  const ask = async () => {
    if (!element.isConnected) return;
    if (document.hidden || isEdited(element)) return again();
    try {
      const headers = { "HX-Request": "true", ...(tag && { "If-None-Match": tag }) };
      const answer = await fetch(element.dataset.poll, { headers, cache: "no-store" });
      if (answer.status === 200) return replace(element, await answer.text(), answer.headers.get("ETag") ?? "");
      if (answer.status !== 304) pause = Math.min(pause * 2, LONGEST);
    } catch {
      pause = Math.min(pause * 2, LONGEST);
    }
    return again();
  };

  const replace = (old, html, etag) => {
    const [fresh, ...others] = new DOMParser().parseFromString(html, "text/html").body.children;
    if (!fresh) return;
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    fresh.dataset.pollTag = etag;
    old.replaceWith(fresh);
    for (const other of others) if (other.id) document.getElementById(other.id)?.replaceWith(other);
    window.htmx?.process(fresh);
    fresh.dispatchEvent(new CustomEvent("rapport:replaced", { bubbles: true }));
    if (focused) document.getElementById(focused)?.focus();
  };
  again();
}

function isEdited(element) {
  if (element.querySelector("input:focus, textarea:focus, select:focus, details[data-menu][open], dialog[open]")) return true;
  return [...element.querySelectorAll("input, textarea, select")].some(isChanged);
}

function isChanged(field) {
  if (field.options) {
    const sent = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(sent, 0);
  }
  return field.value !== field.defaultValue || field.checked !== field.defaultChecked;
}

whenever("[data-poll]", follow);
