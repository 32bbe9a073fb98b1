// data-begins: the form that a page is there for begins with its first field to type in, so that what is typed at once is no key.
// Not where something else is to be read or pressed first.
import { whenever } from "./whenever.js";

const FIRST = "input:not([type=hidden], [type=checkbox], [type=radio], [type=file]), textarea";

whenever("form[data-begins]", (form) => {
  if (location.hash || document.activeElement !== document.body || document.querySelector("[autofocus], [data-error-summary], main [role=alert]")) return;
  [...form.querySelectorAll(FIRST)].find((field) => field.checkVisibility() && !field.disabled && !field.readOnly)?.focus({ preventScroll: true });
});
