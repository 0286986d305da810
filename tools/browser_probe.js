// SPDX-License-Identifier: Apache-2.0
// What is drawn: for every picture its shapes and texts that cover nothing, texts over others, width beyond the page;
// and whether every head of a table sorts it. Written as JSON into <pre id="probe">.
(() => {
  const area = (box) => box.width * box.height;
  for (const details of document.querySelectorAll("details")) details.open = true;
  const plots = [...document.querySelectorAll("svg.plot")].map((svg) => {
    const shapes = [...svg.querySelectorAll("rect, circle, line")];
    const box = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
    const over = [], outside = [];
    texts.forEach(([name, a], index) => {
      if (a.left < box.left - 1 || a.right > box.right + 1 || a.top < box.top - 1 || a.bottom > box.bottom + 1) outside.push(name);
      for (const [other, b] of texts.slice(index + 1)) {
        const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (x > 1 && y > 3) over.push(`${name} / ${other}`);
      }
    });
    return { name: svg.getAttribute("aria-label") ?? "", width: box.width, height: box.height, shapes: shapes.length, over, outside };
  });
  const pictures = [...document.images].map((image) => ({ alt: image.alt, width: image.naturalWidth }));
  const heads = [];
  for (const button of document.querySelectorAll("th > button")) {
    const head = button.parentElement, table = head.closest("table"), body = table.tBodies[0];
    const values = () => [...body.rows].map((row) => row.cells[head.cellIndex].dataset.value ?? row.cells[head.cellIndex].textContent.trim());
    const rising = (list) => list.filter((value) => value !== "").every((value, at, all) => !at || isNaN(value) || isNaN(all[at - 1]) || Number(all[at - 1]) <= Number(value));
    const before = [...body.rows];
    button.click();
    const up = head.getAttribute("aria-sort") === "ascending" && rising(values());
    button.click();
    const down = head.getAttribute("aria-sort") === "descending" && rising(values().reverse());
    heads.push({ name: button.textContent, up, down, rows: values().length });
    body.append(...before);
  }
  const luminance = (text) => {
    const [r, g, b] = text.match(/[\d.]+/g).slice(0, 3).map((part) => {
      const c = part / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/^rgba\(.*, 0\)$|^transparent$/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const pale = new Set();
  for (const element of document.querySelectorAll("body *:not(script):not(svg *)")) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()) || element.closest(".skip")) continue;
    const [a, b] = [luminance(getComputedStyle(element).color), luminance(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) pale.add(`${element.tagName} ${element.className} ${ratio.toFixed(2)}`);
  }
  const result = document.createElement("pre");
  result.id = "probe";
  result.hidden = true;
  result.textContent = JSON.stringify({
    plots, pictures, heads, pale: [...pale], dark: matchMedia("(prefers-color-scheme: dark)").matches,
    title: document.title, alert: document.querySelector("[role=alert]")?.textContent ?? "",
    sections: [...document.querySelectorAll("section")].map((section) => section.id),
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  });
  document.body.append(result);
})();
