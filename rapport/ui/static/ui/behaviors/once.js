// A form that writes is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post], [data-again]")) return;
  if (form.dataset.sent !== undefined) event.preventDefault();
  form.dataset.sent = "";
  setTimeout(() => delete form.dataset.sent, 10_000);
});

window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});
