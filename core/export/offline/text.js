// The normal form of text: the words of a question and of a name, as they are compared and read.
//
// The same as the studio's (core/plain_text.py, core/student/normal_form.py); which characters are of
// which kind comes with the data, from there.

class PlainText {
  constructor({ unspaced, symbols, silent, vowelSigns, alike, han }) {
    this.alike = new Map(Object.entries(alike));
    this.silent = new RegExp(`[${silent}]`, "gu");
    this.han = new RegExp(`[${han}]`, "u");
    this.unspaced = new RegExp(`[${unspaced}]`, "u");
    this.innerBlank = new RegExp(`(?<=[${unspaced}]) (?=[${unspaced}])`, "gu");
    const word = (letter) => new RegExp(`[${unspaced}]|(?:(?![${unspaced}])${letter})+|[${symbols}]`, "gu");
    this.word = word("[\\p{L}\\p{N}]");
    this.wordOfNames = word(`(?:[\\p{L}\\p{N}]|[${vowelSigns}])`);
    this.known = new Map();
  }

  language(text) {
    return this.han.test(text) ? "zh" : "en";
  }

  /** A character as it is compared: none, one or several. */
  letters(char) {
    let letters = this.known.get(char);
    if (letters === undefined) {
      const bare = char.normalize("NFKD").replace(this.silent, "").normalize("NFKC").toLowerCase();
      letters = Array.from(bare, (one) => this.alike.get(one) ?? one).join("");
      this.known.set(char, letters);
    }
    return letters;
  }

  /** The words of a text: `{plain, start, end}`, places in the text as it was. */
  words(text, ofNames = false) {
    let letters = "";
    const starts = [];
    const ends = [];
    let place = 0;
    for (const char of text) {
      const more = this.letters(char);
      letters += more;
      for (let unit = 0; unit < more.length; unit++) {
        starts.push(place);
        ends.push(place + char.length);
      }
      place += char.length;
    }
    return Array.from(letters.matchAll(ofNames ? this.wordOfNames : this.word), (found) => ({
      plain: found[0],
      start: starts[found.index],
      end: ends[found.index + found[0].length - 1],
    }));
  }

  /** A name in plain form: its words joined by blanks. */
  plain(text, ofNames = false) {
    return this.words(text, ofNames).map((word) => word.plain).join(" ");
  }

  /** The same without blanks between characters of scripts that have none. */
  joined(text) {
    return this.plain(text).replace(this.innerBlank, "");
  }

  /** A question as the student's tokenizer takes it: a blank before each word of a spaced script. */
  normalForm(text) {
    const spaced = ({ plain }) => (this.unspaced.test(plain) ? plain : ` ${plain}`);
    return this.words(text).map(spaced).join("");
  }
}
