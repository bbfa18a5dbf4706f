// Records what AbortController and its signal do: node abort_signal.mjs > abort_signal.histories
//
// One thread and no chance in it: every sequence of up to four calls is made once, alone and beside another listener that is called
// first and makes two calls of its own. Removing a listener and aborting return nothing.
const calls = ['mark', 'unmark', 'cancel', 'is-canceled'];
const histories = new Map();

function run(sequence, inside) {
  const controller = new AbortController();
  const { signal } = controller;
  const log = [];
  let marks = 0, listener = null;
  const make = (call) => {
    switch (call) {
      case 'mark': {
        // A listener beside the first one would be a second registration.
        if (listener) return;
        const number = ++marks;
        log.push('0:mark');
        listener = () => { log.push(`1>${number}`, `1<${number}`); };
        signal.addEventListener('abort', listener, { once: true });
        log.push('0=untold');
        return;
      }
      case 'unmark':
        log.push('0:unmark');
        if (listener) signal.removeEventListener('abort', listener);
        listener = null;
        log.push('0=untold');
        return;
      case 'cancel':
        log.push('1:cancel');
        controller.abort();
        log.push('1=untold');
        return;
      case 'is-canceled':
        log.push('0:is-canceled', signal.aborted ? '0=yes' : '0=no');
    }
  };
  if (inside) signal.addEventListener('abort', () => inside.forEach(make), { once: true });
  sequence.forEach(make);
  const line = log.join(' ');
  histories.set(line, (histories.get(line) ?? 0) + 1);
}

function* sequences(length) {
  if (length === 0) { yield []; return; }
  for (const shorter of sequences(length - 1)) for (const call of calls) yield [...shorter, call];
}

for (let length = 1; length <= 4; length++) {
  for (const sequence of sequences(length)) {
    run(sequence, null);
    // What another listener does while it is being called; a cancel in there would be one within a cancel.
    for (const inside of sequences(2)) if (!inside.includes('cancel') && length <= 3) run(sequence, inside);
  }
}
console.log(`# Node ${process.version}, every sequence of up to four calls`);
for (const [line, count] of [...histories].sort()) if (line) console.log(`${count} ${line}`);
