// Search in a site that is opened from the disk. Browsers start no worker from a file, so the worker's script runs in a
// hidden frame instead. Material's search works with it, since it needs messages only.

if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    /** @param {string | URL} address of the worker's script */
    constructor(address) {
      super();
      this.waiting = [];
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.title = "Search";
      document.documentElement.append(frame);
      this.inner = frame.contentWindow;
      this.inner.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      const script = frame.contentDocument.createElement("script");
      script.src = String(address);
      script.addEventListener("load", () => this.begin());
      frame.contentDocument.head.append(script);
    }

    begin() {
      const messages = this.waiting;
      this.waiting = null;
      for (const data of messages) this.postMessage(data);
    }

    /** @param {unknown} data for the worker's script; kept until the script is loaded */
    postMessage(data) {
      if (this.waiting) this.waiting.push(data);
      else this.inner.dispatchEvent(new this.inner.MessageEvent("message", { data }));
    }
  };
}
