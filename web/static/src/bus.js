// One bus for all tabs and the service worker: "something in the store has changed".

const listeners = new Set();
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("nennep") : null;
if (channel) channel.onmessage = (event) => hear(event.data);

function hear(message) {
  for (const listener of listeners) listener(message);
}

export function tell(message) {
  channel?.postMessage(message);
  hear(message);
}

export const listen = (listener) => listeners.add(listener);
