"""The source of the embedded model's text: a seeded probabilistic grammar whose entropy is known.

Every token is drawn from one explicit distribution over distinct tokens, and everything the grammar
remembers is a function of the tokens drawn so far. The grammar is therefore unambiguous, and -ln P(token |
prefix) and the entropy of the next token given the prefix are known exactly at each position; no model can
have a lower expected loss than their mean. A row is the endless text of one document, cut after a fixed
number of tokens: the prefix is always complete.

    <bos> in PLACE NAME owns the ADJECTIVE NOUN . SENTENCE SENTENCE ...

What there is to learn: which nouns a place has, which verbs a subject prefers and which objects a
subject-verb pair prefers (512 skewed tables: facts), number agreement across relative clauses nested two
deep, the pronoun of the document's person, and three copies from the first sentence over any distance
(place, name, owned thing). Agreement is the only morphology: the text says "a owl".
"""
import bisect
import functools
import math
import random

NOUNS = ("dog cat bird horse fox wolf bear goat hen cow crow owl hare mole frog duck toad rat bee ant "
         "lion pig swan lamb").split()
NOUN_PLURALS = ("dogs cats birds horses foxes wolves bears goats hens cows crows owls hares moles frogs "
                "ducks toads rats bees ants lions pigs swans lambs").split()
VERBS = "see chase find follow hear help love fear know like meet teach call feed guard seek".split()
VERBS_SINGULAR = ("sees chases finds follows hears helps loves fears knows likes meets teaches calls feeds "
                  "guards seeks").split()
ADJECTIVES = "small big old young red black white brave quiet clever hungry wild".split()
MEN, WOMEN = "tom ben sam max".split(), "ann eve joy kim".split()
PLACES = "paris oslo rome delhi cairo lima kyoto quito".split()
OTHER = "<bos> . , the a every these many that he she in near back and says owns still often never".split()
NAMES = MEN + WOMEN
VOCABULARY = OTHER + PLACES + NAMES + ADJECTIVES + NOUNS + NOUN_PLURALS + VERBS + VERBS_SINGULAR
ID = {word: index for index, word in enumerate(VOCABULARY)}
LEXICON_SEED = 20240601
MAX_DEPTH = 2
DETERMINERS = {"the": 0.5, "a": 0.15, "every": 0.1, "these": 0.15, "many": 0.1}
PLURAL_SHARE = {"the": 0.4, "a": 0.0, "every": 0.0, "these": 1.0, "many": 1.0}


class Distribution:
    """A distribution over distinct tokens, from (probability, word) parts."""

    def __init__(self, parts):
        parts = [(p, word) for p, word in parts if p > 0]
        self.words = [word for _, word in parts]
        assert len(set(self.words)) == len(self.words), "two derivations share a token: ambiguous"
        total = math.fsum(p for p, _ in parts)
        assert abs(total - 1) < 1e-9, total
        self.cumulative, running = [], 0.0
        for p, _ in parts:
            running += p / total
            self.cumulative.append(running)
        self.cumulative[-1] = 1.0
        self.surprisal = [-math.log(p / total) for p, _ in parts]
        self.entropy = math.fsum(-p / total * math.log(p / total) for p, _ in parts)


def scaled(share, parts):
    return [(share * p, word) for p, word in parts]


class Lexicon:
    """The facts: tables of (probability, word) parts, each a Zipf law over its own random order."""

    def __init__(self, seed=LEXICON_SEED):
        rng = random.Random(seed)
        subjects = NOUNS + NAMES
        self.noun_of_place = {w: self._table(rng, NOUNS, 1.0) for w in PLACES}
        self.noun_of_adjective = {w: self._table(rng, NOUNS, 1.5) for w in ADJECTIVES}
        self.adjective_of_place = {w: self._table(rng, ADJECTIVES, 1.0) for w in PLACES}
        self.adjective_of_verb = {w: self._table(rng, ADJECTIVES, 1.5) for w in VERBS}
        self.name_of_place = {w: self._table(rng, NAMES, 1.0) for w in PLACES}
        self.near_place = {w: self._table(rng, PLACES, 2.0) for w in PLACES}
        self.verb_of_subject = {w: self._table(rng, VERBS, 1.5) for w in subjects}
        self.object_of = {(s, v): self._table(rng, NOUNS, 2.5) for s in subjects for v in VERBS}

    @staticmethod
    def _table(rng, words, exponent):
        order = list(words)
        rng.shuffle(order)
        weights = [rank ** -exponent for rank in range(1, len(order) + 1)]
        return [(w / math.fsum(weights), word) for w, word in zip(weights, order)]


PLURAL_OF = dict(zip(NOUNS, NOUN_PLURALS))
SINGULAR_OF = dict(zip(NOUN_PLURALS, NOUNS))
VERB_SINGULAR_OF = dict(zip(VERBS, VERBS_SINGULAR))
VERB_OF = {**{v: v for v in VERBS}, **dict(zip(VERBS_SINGULAR, VERBS))}
LEXICON = Lexicon()


def numbered(parts, determiner):
    share = PLURAL_SHARE[determiner]
    return scaled(1 - share, parts) + [(share * p, PLURAL_OF[noun]) for p, noun in parts]


def verbs(subject, plural):
    return [(p, verb if plural else VERB_SINGULAR_OF[verb]) for p, verb in LEXICON.verb_of_subject[subject]]


def predicate(subject, plural):
    return [(0.06, "often"), (0.04, "never")] + scaled(0.9, verbs(subject, plural))


def follow_parts(follow):
    """What may follow a complete clause: the sentence's end, or the predicate an outer subject waits for."""
    if follow == "end":
        return [(0.65, "."), (0.2, "and"), (0.15, "near")]
    if follow == "last":
        return [(0.8, "."), (0.2, "near")]
    return predicate(*follow)


def subject_start(name, share_name):
    pronoun = "he" if name in MEN else "she"
    return [(share_name, name), (share_name, pronoun)] + scaled(1 - 2 * share_name, determiner_parts())


def determiner_parts():
    return [(p, word) for word, p in DETERMINERS.items()]


STATES = {
    "fixed": lambda word: [(1.0, word)],
    "place": lambda: [(1 / len(PLACES), word) for word in PLACES],
    "name": lambda place: LEXICON.name_of_place[place],
    "owned_adjective": lambda: [(1 / len(ADJECTIVES), word) for word in ADJECTIVES],
    "owned_noun": lambda adjective: LEXICON.noun_of_adjective[adjective],
    "sentence": lambda name: [(0.1, "back")] + scaled(0.9, subject_start(name, 0.2)),
    "subject": lambda name: subject_start(name, 0.2),
    "determiner": determiner_parts,
    "subject_noun": lambda place, det: scaled(0.3, LEXICON.adjective_of_place[place]) + scaled(
        0.7, numbered(LEXICON.noun_of_place[place], det)),
    "noun_of_adjective": lambda adjective, det: numbered(LEXICON.noun_of_adjective[adjective], det),
    "object_noun": lambda who, verb, det: scaled(0.25, LEXICON.adjective_of_verb[verb]) + scaled(
        0.75, numbered(LEXICON.object_of[who, verb], det)),
    "object_after_adjective": lambda who, verb, det: numbered(LEXICON.object_of[who, verb], det),
    "person_verb": lambda name: [(0.15, "says"), (0.15, "still")] + scaled(0.7, predicate(name, False)),
    "predicate": lambda who, plural, relative: [(relative, "that")] + scaled(
        1 - relative, predicate(who, plural)),
    "verb": verbs,
    "relative": lambda who, plural: scaled(0.4, determiner_parts()) + scaled(0.6, predicate(who, plural)),
    "after_object": lambda follow, relative: [(relative, "that")] + scaled(
        1 - relative, follow_parts(follow)),
    "near": lambda place: LEXICON.near_place[place],
}


@functools.lru_cache(maxsize=None)
def distribution(state, *arguments):
    return Distribution(STATES[state](*arguments))


class RowFull(Exception):
    pass


class Document:
    """One row: `tokens`, the surprisal -ln P(token | prefix) of each, its distribution's entropy (nats)."""

    def __init__(self, rng, length):
        self.rng, self.length = rng, length
        self.tokens, self.surprisal, self.entropy = [ID["<bos>"]], [0.0], [0.0]
        try:
            self._opening()
            while True:
                self._sentence()
        except RowFull:
            pass

    def _draw(self, state, *arguments):
        if len(self.tokens) == self.length:
            raise RowFull
        d = distribution(state, *arguments)
        index = bisect.bisect_right(d.cumulative, self.rng.random())
        self.tokens.append(ID[d.words[index]])
        self.surprisal.append(d.surprisal[index])
        self.entropy.append(d.entropy)
        return d.words[index]

    def _fixed(self, *words):
        for word in words:
            self._draw("fixed", word)

    def _opening(self):
        self._fixed("in")
        self.place = self._draw("place")
        self.name = self._draw("name", self.place)
        self._fixed("owns", "the")
        adjective = self._draw("owned_adjective")
        self.owned = (adjective, self._draw("owned_noun", adjective))
        self._fixed(".")

    def _sentence(self):
        word = self._draw("sentence", self.name)
        if word == "back":
            self._fixed("in", self.place, ",")
            word = self._draw("subject", self.name)
        if word in DETERMINERS:
            self._clause(word)
        else:
            self._person()

    def _person(self):
        word = self._draw("person_verb", self.name)
        if word == "says":
            self._fixed("that")
            self._clause(self._draw("determiner"))
        elif word == "still":
            self._fixed("owns", "the", *self.owned, ".")
        else:
            self._finish(self.name, False, word)

    def _clause(self, determiner):
        who, plural = self._subject(determiner)
        self._finish(who, plural, self._predicate_word(who, plural, 0))

    def _finish(self, who, plural, word):
        """The rest of a main clause from the first word of its predicate."""
        word = self._verb_phrase(who, plural, word, 0, "end")
        if word == "and":
            word = self._verb_phrase(who, plural, self._draw("verb", who, plural), 0, "last")
        if word == "near":
            self._draw("near", self.place)
            self._fixed(".")

    def _subject(self, determiner):
        word = self._draw("subject_noun", self.place, determiner)
        if word in LEXICON.noun_of_adjective:
            word = self._draw("noun_of_adjective", word, determiner)
        return SINGULAR_OF.get(word, word), word in SINGULAR_OF

    def _predicate_word(self, who, plural, depth):
        """First word of the predicate of a subject, after its relative clause if it has one."""
        word = self._draw("predicate", who, plural, 0.25 if depth < MAX_DEPTH else 0.0)
        return self._relative(who, plural, depth + 1, (who, plural)) if word == "that" else word

    def _verb(self, who, plural, word):
        return VERB_OF[self._draw("verb", who, plural) if word in ("often", "never") else word]

    def _verb_phrase(self, who, plural, word, depth, follow):
        """From the first word of a predicate to the first word after its object, which is returned."""
        verb = self._verb(who, plural, word)
        determiner = self._draw("determiner")
        noun = self._draw("object_noun", who, verb, determiner)
        if noun in LEXICON.noun_of_adjective:
            noun = self._draw("object_after_adjective", who, verb, determiner)
        word = self._draw("after_object", follow, 0.12 if depth < MAX_DEPTH else 0.0)
        if word == "that":
            return self._relative(SINGULAR_OF.get(noun, noun), noun in SINGULAR_OF, depth + 1, follow)
        return word

    def _relative(self, who, plural, depth, follow):
        """A relative clause after `that`; returns the first word after it."""
        word = self._draw("relative", who, plural)
        if word not in DETERMINERS:
            return self._verb_phrase(who, plural, word, depth, follow)
        inner, inner_plural = self._subject(word)
        word = self._predicate_word(inner, inner_plural, depth)
        self._verb(inner, inner_plural, word)
        return self._draw("after_object", follow, 0.0)


def rows(seed, count, length):
    """`count` documents of `length` tokens. Equal seeds give equal text on every machine."""
    rng = random.Random(seed)
    return [Document(rng, length) for _ in range(count)]


def text(tokens):
    return " ".join(VOCABULARY[token] for token in tokens)


if __name__ == "__main__":
    assert len(VOCABULARY) == len(ID) == 128, (len(VOCABULARY), len(ID))
    for document in rows(1, 4, 128):
        print(text(document.tokens), end="\n\n")
    sample = rows(2, 4000, 129)
    count = sum(len(d.tokens) - 1 for d in sample)
    print(f"surprisal {sum(map(sum, (d.surprisal for d in sample))) / count:.4f} nats/token, entropy "
          f"{sum(map(sum, (d.entropy for d in sample))) / count:.4f} nats/token over {count} tokens")
