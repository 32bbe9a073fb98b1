// data-paste-lines: several lines that are pasted anywhere on the page go into the text field of this form, and it is sent. What is
// pasted into another text field of several lines stays there.
document.addEventListener("paste", (event) => {
  const form = document.querySelector("form[data-paste-lines]");
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!form || event.defaultPrevented || !text.trim().includes("\n") || document.querySelector("dialog[open]")) return;
  const field = form.querySelector("textarea");
  if (event.target.matches?.("textarea") && event.target !== field) return;
  event.preventDefault();
  field.value = text;
  form.requestSubmit();
});
