// Change the theme at once; the server remembers it.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-theme-form]");
  const button = event.submitter;
  if (!form || !button) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (button.value) document.documentElement.dataset.theme = button.value;
  else delete document.documentElement.dataset.theme;
  form.querySelectorAll("button").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
  fetch(form.action, { method: "POST", body: new FormData(form, button), redirect: "manual" }).catch(() => form.submit());
}, { capture: true });
