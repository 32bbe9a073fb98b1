// Where the menu is longer than the window, the page that is open is in sight.
const menu = document.querySelector(".sidebar");
const current = menu?.querySelector("[aria-current]");
if (current && menu.scrollHeight > menu.clientHeight) {
  const below = current.getBoundingClientRect().bottom - menu.getBoundingClientRect().bottom;
  if (below > 0) menu.scrollTop += below + 24;
}
