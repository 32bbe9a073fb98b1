// data-drop: files that are let go over the form go into its file field, and the form is sent.
import { whenever } from "./whenever.js";

whenever("[data-drop]", (form) => {
  const field = form.querySelector("input[type=file]");
  let inside = 0;
  const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

  form.addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    inside += 1;
    form.classList.add("over");
  });
  form.addEventListener("dragover", (event) => {
    if (carriesFiles(event)) event.preventDefault();
  });
  form.addEventListener("dragleave", () => {
    inside = Math.max(0, inside - 1);
    if (!inside) form.classList.remove("over");
  });
  form.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    inside = 0;
    form.classList.remove("over");
    field.files = event.dataTransfer.files;
    if (field.files.length) form.requestSubmit();
  });
});
