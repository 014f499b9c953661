"""Results as the recipes return them, of the worked example, made by the recipes' own classes."""

from collections.abc import Mapping
from dataclasses import replace

from core.results.answer import Answer, AnsweredPath, JudgedHop
from core.results.certificate import Certificate, FactRemoval, SourceRemoval
from core.results.comparison import ComparedNode, ComparedPath, Comparison, NodeShare
from core.results.demo import DemoExample, DemoReport, MadeNames
from core.results.evaluation import Evaluation, ReliabilityBin
from core.results.graph import (
    ChangeReport,
    FileReport,
    Finding,
    GraphReport,
    GraphVersion,
    Hub,
    ImportReport,
    Namesakes,
    RelationCount,
    Renamed,
)
from core.results.graph_check import (
    ClashingValues,
    GraphCheck,
    PossibleDuplicate,
    PossibleRelation,
)
from core.results.hard import HardHops, HardPath, HardReport
from core.results.labels import LabelsReport
from core.results.named import Fact, LikelyEntity, Named, TopicMatch
from core.results.questions import GeneratedReport, QuestionsReport, ReadReport
from core.results.record import Record
from core.results.rules import FoundRule, ProvenFact, RuleReport
from core.results.student import ExportReport, PromptExample, StudentReport
from core.results.sweep import SweepCell, SweepReport
from core.results.teacher import (
    Calibrated,
    LearnedCounts,
    TrainedTeacher,
    TransferredTeacher,
    TreeCounts,
    UntrainedTeacher,
)
from core.results.trace import (
    FirstDifference,
    LookedFor,
    MetPaths,
    MovedNode,
    TopicTrace,
    Trace,
    TracedPath,
    TreeHop,
    TreeNode,
    WalkedEdge,
)
from core.results.what_if import AnswerChange, PathChange, Removed, WhatIf
from core.runs.store.store import Store
from core.settings import ExplainSettings, Settings, WhatIfSettings

HTML_ESCAPE = "<b>Biden</b> *x* :red[y]"
QUESTION = "What is Joe Biden's nationality?"
PATH = ("born_in", "city_of")


def named(name: str, label: str | None = None) -> Named:
    return Named(id=name, label=label or name.replace("_", " ").title())


def likely(entity: Named, probability: float) -> LikelyEntity:
    return LikelyEntity(id=entity.id, label=entity.label, probability=probability)


def matched(entity: Named, match: str = "exact", score: float = 1.0) -> TopicMatch:
    return TopicMatch(id=entity.id, label=entity.label, match=match, score=score)


BIDEN, SCRANTON, USA = named("joe_biden"), named("scranton", HTML_ESCAPE), named("usa", "USA")
TOPICS = (matched(BIDEN),)


def reliability() -> tuple[ReliabilityBin, ...]:
    """Bins of a model that is too sure below and right above."""
    return (
        ReliabilityBin(0.4, 0.5, 10, 0.45, 0.3),
        ReliabilityBin(0.9, 1.0, 90, 0.97, 0.96),
    )


def calibrated() -> Calibrated:
    return Calibrated(1.65, 0.048, 0.024, reliability(), 0.95, 0.52, 0.9, 100)


NOTHING = dict.fromkeys(
    ("unknown_topic", "nothing_around", "unreachable", "gold_missing", "cut_words", "cut_trees"), 0
)
COUNTS = {"used": 1798, "several_topics": 12, **NOTHING}
TEACHER = {
    "name": "demo", "graph": "demo", "questions": "demo", "hops": 2, "directions": "forward",
}  # fmt: skip


def trained_teacher() -> TrainedTeacher:
    return TrainedTeacher(
        **TEACHER,
        steps=350,
        epochs=14.0,
        best_step=240,
        dev_hits_at_1=0.975,
        seconds=138.8,
        calibration=calibrated(),
        retrieval_ceiling=0.99,
        counts=LearnedCounts(**COUNTS, relations_without_label=7),
    )


def untrained_teacher(kind: str) -> UntrainedTeacher:
    return UntrainedTeacher(
        **TEACHER,
        kind=kind,
        dev_hits_at_1=None,
        calibration=calibrated(),
        retrieval_ceiling=0.99,
        counts=TreeCounts(**COUNTS),
    )


def evaluation(
    kind: str = "teacher", split: str = "test", decoding: str = "exact", **changes: object
) -> Evaluation:
    """What `evaluate` keeps of a model `demo`."""
    return Evaluation(
        **{"model": "demo", "kind": kind, "decoding": decoding, "search": "exact",
           "question_set": "demo", "split": split, "split_kind": "grouped",
           "hits_at_1": 0.93, "hit": 0.93, "f1": 0.9, "path_exact_match": 0.95,
           "path_validity": 1.0, "faithfulness": 1.0, "ece": 0.03, "questions": 200,
           "reliability": reliability(), "seconds": 2.0, **changes}
    )  # fmt: skip


def trace(question: str = QUESTION) -> Trace:
    """What `explain_question` returns, for the worked example."""

    def node(number, parent, path, mass, share, stop, frontier):
        return TreeNode(
            id=number,
            parent=parent,
            path=path,
            relation=named(path[-1], path[-1]),
            mass=mass,
            probability=share,
            stop=stop,
            frontier=(frontier,),
            frontier_size=3,
        )

    def edge(source, relation, target, hop, share):
        return WalkedEdge(
            source=source,
            relation=named(relation, relation),
            target=target,
            hop=hop,
            probability=share,
        )

    hops = (
        TreeHop(
            hop=1,
            attention=(0.1, 0.2, 0.7),
            nodes=(node(1, 0, ("born_in",), 0.6, 0.6, 0.02, SCRANTON),),
        ),
        TreeHop(hop=2, attention=(0.0, 0.1, 0.9), nodes=(node(2, 1, PATH, 0.58, 0.97, 0.99, USA),)),
    )
    return Trace(
        question=question,
        language="en",
        teacher="demo",
        seconds=0.1,
        topics=TOPICS,
        words=("What", "<script>", "nationality"),
        hops=hops,
        edges=(edge(BIDEN, "born_in", SCRANTON, 1, 0.6), edge(SCRANTON, "city_of", USA, 2, 0.58)),
        paths=(
            TracedPath(
                relations=PATH, labels=PATH, probability=0.58, answers=(USA,), reached=3, chains=()
            ),
        ),
        answers=(likely(USA, 0.89),),
        parting=FirstDifference(
            shared=(), next=("born_in", HTML_ESCAPE), probabilities=(0.58, 0.31)
        ),
        message_passing=(MovedNode(node=1, labels=("born_in",), without=0.35, with_=0.6),),
        rest=0.11,
        candidates=(),
        beside=(),
        meetings=(),
    )


def trace_without(settings: ExplainSettings) -> Trace:
    """The same; without the first fact, the second way is all there is."""
    whole = trace(settings.question)
    if not settings.without_edges:
        return whole
    delaware, (first, _) = named("delaware"), whole.hops
    way = replace(
        first.nodes[0], path=("graduate_from",), relation=named("graduate_from", "graduate_from"),
        mass=0.9, probability=0.9, stop=0.99, frontier=(delaware,), frontier_size=1,
    )  # fmt: skip
    path = replace(
        whole.paths[0], relations=way.path, labels=way.path, probability=0.9, answers=(delaware,)
    )
    hop = replace(first, nodes=(way,))
    return replace(whole, hops=(hop,), paths=(path,), answers=(likely(delaware, 0.9),))


def trace_in_vain() -> Trace:
    """The same of a question that the graph does not answer."""
    wanted = (("∄~mayor",), ("born_in", "∄mayor"), ("born_in", "∄"))
    missing = tuple(
        LookedFor(relations=path, labels=path, probability=p)
        for path, p in zip(wanted, (0.5, 0.4, 0.05), strict=True)
    )
    return replace(trace("Who is mayor?"), missing=missing, unsaid=0.97, rest=0.0)


def what_if(settings: WhatIfSettings) -> WhatIf:
    """What `suppose_otherwise` returns: without the first fact, the second way is all there is."""
    gone = bool(settings.without_edges)

    def path(labels: tuple[str, ...], before: float, after: float) -> PathChange:
        return PathChange(
            relations=labels, labels=labels, before=before, after=after, gone=after == 0
        )

    def answer(entity: Named, before: float, after: float) -> AnswerChange:
        return AnswerChange(id=entity.id, label=entity.label, before=before, after=after)

    first, second = (0.0, 1.0) if gone else (0.58, 0.42)
    return WhatIf(
        question=settings.question,
        language="en",
        teacher="demo",
        topics=TOPICS,
        words=("What", "<script>", "nationality"),
        removed=Removed(edges=(), entities=(), words=settings.without_words),
        paths=(path(PATH, 0.58, first), path(("graduate_from",), 0.42, second)),
        answers=(answer(USA, 0.58, first), answer(named("delaware"), 0.42, second)),
        moved=0.58 if gone else 0.0,
        seconds=0.1,
    )


def comparison() -> Comparison:
    """What `compare_labels` returns: a root with two choices, each followed by STOP."""

    def node(number, parent, path, stop, teacher, student, *frontier):
        return ComparedNode(
            id=number,
            parent=parent,
            relation=named(path[-1], path[-1]) if path and not stop else None,
            stop=stop,
            path=path,
            teacher=NodeShare(probability=teacher, mass=teacher),
            student=NodeShare(probability=student, mass=student),
            frontier=frontier,
            frontier_size=len(frontier),
        )

    return Comparison(
        question=QUESTION,
        language="en",
        teacher="demo",
        student="demo",
        topics=TOPICS,
        candidates=(),
        nodes=(
            node(0, None, (), False, 1.0, 1.0, BIDEN),
            node(1, 0, ("born_in",), False, 0.8, 0.5, SCRANTON),
            node(2, 0, ("graduate_from",), False, 0.2, 0.5, named("delaware")),
            node(3, 1, ("born_in",), True, 1.0, 1.0, SCRANTON),
            node(4, 2, ("graduate_from",), True, 1.0, 1.0, named("delaware")),
        ),
        paths=(),
        kl_path=0.25,
        kl_choice=0.19,
        off_graph=0.01,
        rest=0.02,
    )


def answer(question: str = QUESTION, supported: bool = True) -> Answer:
    """What `answer_question` returns."""
    hop = JudgedHop(
        head=named("scranton"),
        relation=named("city_of", "city_of"),
        tail=USA,
        verdict="in_graph" if supported else "wrong_relation",
        nearest=None,
    )
    path = AnsweredPath(
        relations=("city_of",),
        probability=0.6,
        answers=(USA,),
        reached=1,
        supported=supported,
        hops=(hop,),
    )
    return Answer(
        question=question,
        language="en",
        student="demo",
        decoding="constrained",
        seconds=0.2,
        topics=TOPICS,
        candidates=(),
        answers=(likely(USA, 0.8),),
        paths=(path,),
        supported=supported,
    )


def demo_report() -> DemoReport:
    """What `run_demo` returns."""
    shares = {
        "hits_at_1": 0.9, "hit": 0.9, "f1": 0.85, "path_exact_match": 0.8, "questions": 240,
    }  # fmt: skip
    return DemoReport(
        names=MadeNames(graph="demo", questions="demo", teacher="demo", labels="demo",
                        student="demo"),
        teacher=evaluation("teacher", **shares),
        student=evaluation("student", decoding="constrained", **shares),
        student_free=evaluation("student", decoding="free", **shares, path_validity=0.97),
        examples=(),
        seconds=100.0,
    )  # fmt: skip


def import_report() -> ImportReport:
    return ImportReport(
        files=(FileReport("films.tsv", "triples", "tab", 5, 1),),
        rows=5,
        triples=4,
        duplicates=0,
        skipped=1,
        findings=(Finding("films.tsv", 3, "a b", "two columns"),),
        dangling=0,
        dangling_examples=(),
        unlabelled_entities=0,
        unlabelled_relations=0,
        self_loops=0,
        degree_max=2,
        degree_median=1.5,
        hubs=(Hub("usa", "USA", 2),),
        relations=(RelationCount("born_in", "born in", 1),),
        namesakes=1,
        namesake_examples=(Namesakes("Ann", "en", ("ann", "ann2")),),
    )


def graph_check() -> GraphCheck:
    born = named("born_in")
    return GraphCheck(
        name="demo",
        hash="0" * 64,
        duplicates=(
            PossibleDuplicate(
                keep=BIDEN,
                gone=named("j_biden", HTML_ESCAPE),
                certainty=0.93,
                alike=0.8,
                shared=(Fact(head=BIDEN, relation=born, tail=SCRANTON),),
                kinds_differ=False,
            ),
        ),
        relations=(
            PossibleRelation(keep=born, gone=named("birthplace"), alike=0.3, shared=9, either=12),
        ),
        clashes=(ClashingValues(entity=BIDEN, relation=born, values=(SCRANTON, USA)),),
        cut=False,
    )


def rule_report() -> RuleReport:
    born, city, nation = named("born_in"), named("city_of"), named("nationality")
    hops = (
        Fact(head=BIDEN, relation=born, tail=SCRANTON),
        Fact(head=SCRANTON, relation=city, tail=USA),
    )
    rule = FoundRule(
        rule="born_in, city_of => nationality",
        body=(born, city),
        head=nation,
        support=18,
        implied=20,
        expected=0.88,
        proposed=1,
        examples=(ProvenFact(fact=Fact(head=BIDEN, relation=nation, tail=USA), proof=hops),),
    )
    return RuleReport(name="demo", hash="0" * 64, rules=(rule,), found=1, checked=120)


def graph_report(**changes: object) -> GraphReport:
    return GraphReport(
        **{"name": "demo", "entities": 4, "relations": 4, "triples": 4, "languages": ("en",),
           "report": import_report(), **changes}
    )  # fmt: skip


def change_report(**changes: object) -> ChangeReport:
    kept = GraphVersion(
        number=1, time="2026-01-02T03:04:05+00:00", source=HTML_ESCAPE, before="0" * 64,
        after="1" * 64, added=1, removed=1, renamed=1, relations=1,
    )  # fmt: skip
    return ChangeReport(
        **{"name": "demo", "added": 1, "removed": 1, "renamed": 1, "entities": 1, "relations": 1,
           "added_examples": (("joe_biden", "born_in", HTML_ESCAPE),),
           "removed_examples": (("joe_biden", "born_in", "scranton"),),
           "renamed_examples": (
               Renamed(id="usa", column="label:en", before="USA", after=HTML_ESCAPE),
           ),
           "kept": kept, "triples": 4, **changes}
    )  # fmt: skip


def generated_questions(**changes: object) -> QuestionsReport:
    found = GeneratedReport(
        read=6, kept=6, skipped=0, languages={"en": 3, "zh": 3}, hops={"2": 6}, withheld=0
    )
    return QuestionsReport(
        **{"name": "demo", "graph": "demo", "questions": 6,
           "splits": {"train": 2, "dev": 2, "test": 2}, "skipped": 0, "report": found, **changes}
    )  # fmt: skip


def imported_questions() -> QuestionsReport:
    return generated_questions(report=ReadReport(6, 6, 0, 0, ()))


def student_report(**changes: object) -> StudentReport:
    return StudentReport(
        **{"name": "demo", "teacher": "demo", "labels": "demo", "parameters": 529_024,
           "examples": 2, "with_gold": 2, "with_label": 2, "with_reward": 0,
           "steps": 40, "kept_early": False, "seconds": 12.5, **changes}
    )  # fmt: skip


def export_report(**changes: object) -> ExportReport:
    example = PromptExample(prompt="What is <topic>?<path>", topic="joe_biden", path=PATH)
    return ExportReport(
        **{"name": "demo", "format": "folder", "files": {"README.md": 1000}, "bytes": 1000,
           "example": example, "export": None, "folder": "/exports/demo", **changes}
    )  # fmt: skip


def labels_report() -> LabelsReport:
    return LabelsReport(
        name="demo", teacher="demo", questions="demo", kind="posterior", labelled=4,
        without_label=0, mean_rest=0.01, seconds=1.0,
    )  # fmt: skip


def full_trace() -> Trace:
    """A trace with several topics and everything in it."""
    one = trace()
    beside = TopicTrace(**{name: getattr(one, name) for name in TopicTrace.__dataclass_fields__})
    fact = Fact(head=BIDEN, relation=named("born_in"), tail=SCRANTON)
    met = MetPaths(probability=0.5, paths=(PATH, PATH), answers=(USA,), reached=1)
    path = TracedPath(
        relations=PATH, labels=PATH, probability=0.5, answers=(), reached=0, chains=((fact,),)
    )
    whole = {**vars(one), "beside": (beside,), "meetings": (met,), "paths": (path,)}
    return Trace(**whole | {"message_passing": None, "parting": None, "candidates": TOPICS})


def full_comparison() -> Comparison:
    path = ComparedPath(relations=PATH, labels=PATH, teacher=0.8, student=0.5)
    return Comparison(**{**vars(comparison()), "paths": (path,)})


def certificate() -> Certificate:
    """Of an answer that hangs on one fact."""
    fact = Fact(head=SCRANTON, relation=named("city_of"), tail=USA)
    without = FactRemoval(probability=0.1, first=likely(named("peru"), 0.4), kept=False, fact=fact)
    return Certificate(
        answer=likely(USA, 0.8), probability=0.8, kept=False, facts=37, tried=21, decisive=2,
        hangs_on=without, seconds=1.2, sources=1,
        source=SourceRemoval(probability=0.1, first=None, kept=False, source="x.csv", facts=3),
    )  # fmt: skip


def full_answer() -> Answer:
    wrong = answer(supported=False)
    near = Fact(head=SCRANTON, relation=named("city_of"), tail=USA)
    hop = JudgedHop(**{**vars(wrong.paths[0].hops[0]), "nearest": near})
    path = AnsweredPath(**{**vars(wrong.paths[0]), "hops": (hop,)})
    found = {"paths": (path,), "words": ("nationality",), "certificate": certificate()}
    return Answer(**{**vars(wrong), **found})


def full_demo() -> DemoReport:
    hop = answer().paths[0].hops[0]
    example = DemoExample(
        question=QUESTION,
        language="en",
        answers=(USA,),
        path=(hop,),
        supported=True,
        answer=full_answer(),
    )
    return DemoReport(**{**vars(demo_report()), "examples": (example,)})


def resident_call(store: Store, recipe: str, settings: Settings, timeout: float = 120) -> Record:
    """Stands in for `core.runs.resident.call`."""
    if recipe == "explain_question":
        return trace_without(settings)
    if recipe == "suppose_otherwise":
        return what_if(settings)
    if recipe == "compare_labels":
        return comparison()
    if recipe == "edit_graph":
        return change_report()
    return answer(settings.question)


EXAMPLES: Mapping[str, Record] = {
    "import_graph": graph_report(),
    "check_graph": graph_check(),
    "find_rules": rule_report(),
    "import_questions": imported_questions(),
    "generate_questions": generated_questions(),
    "train_teacher": trained_teacher(),
    "transfer_teacher": TransferredTeacher(
        **TEACHER,
        teacher="demo",
        dev_hits_at_1=0.83,
        alone_hits_at_1=0.41,
        lexical_hits_at_1=0.8,
        lexical_share=0.75,
        calibration=calibrated(),
    ),
    "lexical_teacher": untrained_teacher("lexical"),
    "language_model_teacher": untrained_teacher("language-model"),
    "mix_teachers": untrained_teacher("mixture"),
    "label_questions": labels_report(),
    "distill_student": student_report(),
    "find_hard": HardReport(
        name="demo-hard",
        student="demo",
        teacher="demo",
        pick="hard",
        asked=40,
        chosen=6,
        taken_over=2,
        by_hops=(
            HardHops(hops=1, questions=10, divergence=0.1, teacher_right=1.0, student_right=0.9),
        ),
        by_path=(
            HardPath(
                relations=PATH,
                labels=("born in", HTML_ESCAPE),
                questions=6,
                divergence=2.5,
                teacher_right=0.8,
                student_right=0.2,
                chosen=6,
                example="q1",
            ),
            HardPath(
                relations=PATH[:1],
                labels=("born in",),
                questions=4,
                divergence=0.1,
                teacher_right=0.0,
                student_right=0.0,
                chosen=0,
            ),
        ),
        seconds=3.0,
    ),
    "sweep_knobs": SweepReport(
        student="demo",
        split="dev",
        questions=100,
        cells=(
            SweepCell(
                alpha=0.0,
                temperature=1.0,
                student="demo-a0-t1",
                evaluation="e1",
                hits_at_1=0.8,
                path_exact_match=0.7,
                ece=0.03,
            ),
            SweepCell(
                alpha=0.5,
                temperature=1.0,
                student="demo-a0.5-t1",
                evaluation="e2",
                error=HTML_ESCAPE,
            ),
        ),
        best="demo-a0-t1",
        rivals=0,
        seconds=12.5,
    ),
    "evaluate": evaluation(),
    "score_baseline": evaluation("baseline"),
    "export_student": export_report(),
    "run_demo": full_demo(),
    "answer_question": full_answer(),
    "edit_graph": change_report(),
    "explain_question": full_trace(),
    "suppose_otherwise": what_if(WhatIfSettings(teacher="demo", question=QUESTION)),
    "compare_labels": full_comparison(),
}
"""One result of every recipe, with something in every field."""
