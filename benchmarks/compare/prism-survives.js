// Prism 5.14 ends when it puts what is wrong with a request into a header, and the request has letters that no header
// can have. Loaded before it (node --require), this leaves such letters out.
const { ServerResponse } = require('node:http');

const { setHeader } = ServerResponse.prototype;
ServerResponse.prototype.setHeader = function setPlainHeader(name, value) {
  return setHeader.call(this, name, typeof value === 'string' ? value.replace(/[^\x20-\x7e]/g, '?') : value);
};
