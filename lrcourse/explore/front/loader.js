// All explorers of a page share one copy of the front end: a browser never forgets a module.

export default {
  async render(context) {
    const text = context.model.get("front");
    const modules = (globalThis.lrcourseFronts ??= new Map());
    if (!modules.has(text)) {
      modules.set(text, import(URL.createObjectURL(new Blob([text], { type: "text/javascript" }))));
    }
    const front = await modules.get(text);
    return front.default.render(context);
  },
};
