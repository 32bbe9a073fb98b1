// data-empties: a form that htmx sends is empty again once what it said was taken, and its first field waits for the next.
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form[data-empties]");
  if (!form || !event.detail.successful || event.detail.xhr.responseText.includes("toast bad")) return;
  form.reset();
  form.querySelectorAll("[data-lookup-kind], [data-lookup-id]").forEach((field) => { field.value = ""; });
});
