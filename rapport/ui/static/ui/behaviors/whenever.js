// Do something for every element that fits, now and in whatever htmx or a poll brings in later.
export function whenever(selector, act) {
  const visit = (root) => {
    if (root.matches?.(selector)) act(root);
    root.querySelectorAll?.(selector).forEach(act);
  };
  visit(document);
  document.addEventListener("htmx:load", (event) => visit(event.target));
  document.addEventListener("rapport:replaced", (event) => visit(event.target));
}

// Said once by screen readers.
export function announce(text) {
  const live = document.getElementById("live");
  if (!live) return;
  live.textContent = "";
  setTimeout(() => { live.textContent = text; }, 50);
}

export function isWriting(target) {
  return target.isContentEditable || !!target.closest?.("input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [role=combobox]");
}
