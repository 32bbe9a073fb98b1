// "4 min ago" grows older on a page that stays open.
const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60]];
const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { style: "short", numeric: "always" });

setInterval(() => {
  if (document.hidden) return;
  document.querySelectorAll("time[data-ago]").forEach((time) => {
    const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
    const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? [];
    if (unit && seconds < 30 * 86_400) time.textContent = words.format(-Math.floor(seconds / size), unit);
  });
}, 60_000);
