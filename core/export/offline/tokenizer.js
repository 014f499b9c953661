// Text to tokens: the student's own tokenizer, a SentencePiece unigram model or a byte-level BPE.

const TOKENIZERS = {
  /** The likeliest pieces (Viterbi); what no piece spells is spelled in bytes. */
  unigram({ pieces, scores, firstByte, unknown }) {
    const known = new Map(pieces.map((piece, token) => [piece, token]));
    const longest = Math.max(...pieces.map((piece) => piece.length));
    const utf8 = new TextEncoder();

    function read(chunk) {
      const best = [{ score: 0 }];
      for (let start = 0; start < chunk.length; ) {
        const size = String.fromCodePoint(chunk.codePointAt(start)).length;
        const reach = (end, score, token) => {
          if (best[end] === undefined || score > best[end].score) best[end] = { score, token, start };
        };
        let alone = false;
        for (let end = start + size; end <= Math.min(chunk.length, start + longest); end++) {
          const token = known.get(chunk.slice(start, end));
          if (token === undefined) continue;
          reach(end, best[start].score + scores[token], token);
          alone ||= end === start + size;
        }
        if (!alone) reach(start + size, best[start].score + unknown);
        start += size;
      }
      const tokens = [];
      for (let end = chunk.length; end > 0; end = best[end].start) {
        const { token, start } = best[end];
        if (token !== undefined) tokens.unshift(token);
        else tokens.unshift(...Array.from(utf8.encode(chunk.slice(start, end)), (byte) => firstByte + byte));
      }
      return tokens;
    }

    return (text) => (text.replace(/ /g, "▁").match(/▁[^▁]*|[^▁]+/g) ?? []).flatMap(read);
  },

  /** Bytes, of which the pair that was learned first is joined as long as there is one. */
  bpe({ tokens, merges }) {
    const known = new Map(tokens.map((token, number) => [token, number]));
    const ranks = new Map(merges.map((pair, rank) => [pair.join(" "), rank]));
    const utf8 = new TextEncoder();
    const letters = byteLetters();

    function read(word) {
      const parts = Array.from(utf8.encode(word), (byte) => letters[byte]);
      for (;;) {
        let best = Infinity;
        let at = -1;
        for (let place = 0; place + 1 < parts.length; place++) {
          const rank = ranks.get(`${parts[place]} ${parts[place + 1]}`);
          if (rank < best) [best, at] = [rank, place];
        }
        if (at < 0) return parts.map((part) => known.get(part));
        parts.splice(at, 2, parts[at] + parts[at + 1]);
      }
    }

    const words = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;
    return (text) => (text.match(words) ?? []).flatMap(read);
  },
};

/** The letter that stands for each byte in a byte-level BPE (GPT-2). */
function byteLetters() {
  const shown = (byte) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let more = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(shown(byte) ? byte : more++));
}
