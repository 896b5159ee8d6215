// What the server's own pages share. Texts become text nodes: nothing that a record says is read as HTML.
'use strict';

const at = (id) => document.getElementById(id);

const cookie = (name) => document.cookie.split('; ').find((c) => c.startsWith(`${name}=`))?.slice(name.length + 1);

function make(tag, attributes = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...inside.filter((x) => x !== null && x !== undefined));
  return element;
}
