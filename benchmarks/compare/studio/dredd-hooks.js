// What Dredd needs to know of the studio: a request for each documented refusal, and the parts of a form.
const hooks = require('hooks');

const KNOWN = 'loop-0123456789ab';
const ABSENT = 'loop-ffffffffffff';
const BOUNDARY = 'form-boundary';
const FORM = [
  `--${BOUNDARY}`, 'Content-Disposition: form-data; name="kind"', '', 'drum',
  `--${BOUNDARY}`, 'Content-Disposition: form-data; name="sound"; filename="a.mp3"', '', 'sound',
  `--${BOUNDARY}--`, '',
].join('\r\n');

hooks.beforeEach((transaction, done) => {
  const { request } = transaction;
  const expected = String(transaction.expected.statusCode);
  transaction.skip = false;
  request.headers['X-Studio-Key'] = process.env.TARGET_KEY;
  if (request.uri.endsWith('/samples')) {
    request.headers['Content-Type'] = `multipart/form-data; boundary=${BOUNDARY}`;
    request.body = FORM;
  }
  if (['202', '409'].includes(expected)) request.headers['Once-Key'] = 'the-same';
  if (expected === '409') request.body = JSON.stringify({ voice: 'drum', prompt: 'another request' });
  if (expected === '400') request.body = JSON.stringify({ voice: 'piano', prompt: '' });
  if (expected === '401') delete request.headers['X-Studio-Key'];
  if (expected === '404') transaction.fullPath = transaction.fullPath.replace(KNOWN, ABSENT);
  if (expected === '415') request.headers['Content-Type'] = 'text/plain';
  done();
});
