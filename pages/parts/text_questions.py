"""Words of the page Questions."""

TEXT = {
    "questions.subtitle": (
        "What a teacher learns from and what a student is scored on: each question with its topic, "
        "its answers and, where it is known, the path between them.",
        "教师从这里学习，学生在这里接受检验。每个问题都有主题和答案，已知时还有连接两者的路径。",
    ),
    "questions.choose": ("Question set", "问题集"),
    "questions.add": ("Add questions", "添加问题"),
    "questions.no_graph": (
        "Questions are about a graph, and there is none yet. Load one first; it takes a second.",
        "问题要依托图谱，而现在还没有图谱。请先加载一个，一秒就好。",
    ),
    "questions.to_graph": ("Load a graph", "去加载图谱"),
    "questions.empty_title": ("There are no questions yet", "还没有问题"),
    "questions.empty": (
        "Most people who own a graph own no questions. Let them be made from the graph itself, or "
        "bring a file.",
        "有图谱的人往往没有现成的问题。可以直接由图谱生成，也可以导入文件。",
    ),
    "questions.way": ("How", "方式"),
    "questions.way.generate": ("Make them from a graph", "由图谱生成"),
    "questions.way.generate_help": (
        "Paths are drawn from the graph and put into words, in English and Chinese.",
        "从图谱中抽取路径，写成中英文问题。",
    ),
    "questions.way.import": ("Read a file", "从文件导入"),
    "questions.way.import_help": (
        "One of four public formats. Rows that the graph cannot answer are left out and listed.",
        "支持四种公开格式。图谱答不了的行会被略过并列出。",
    ),
    "questions.generate": ("Make questions", "生成问题"),
    "questions.files": ("Files", "文件"),
    "questions.files_help": (
        "One or more files of the same format.",
        "一个或多个同一格式的文件。",
    ),
    "questions.format": ("Format", "格式"),
    "questions.format.jsonl": (
        "JSON lines: question, topics, answers, paths",
        "JSONL：问题、主题、答案、路径",
    ),
    "questions.format.pathquestion": ("PathQuestion (PQ, PQL)", "PathQuestion（PQ、PQL）"),
    "questions.format.metaqa": ("MetaQA", "MetaQA"),
    "questions.format.nlpcc-mh": ("NLPCC-MH (Chinese)", "NLPCC-MH（中文）"),
    "questions.format.wc2014": ("WC2014 (World Cup)", "WC2014（世界杯）"),
    "questions.split_kind": ("Split", "划分"),
    "questions.split_kind_help": (
        "Grouped keeps all paraphrases of one path on one side, so the test asks about what "
        "training never saw. Random lets them mix, and scores come out too high.",
        "分组划分让同一路径的各种问法待在同一边，测试内容在训练中从未出现；"
        "随机划分会混在一起，分数偏高。",
    ),
    "questions.split_kind.grouped": ("grouped split", "分组划分"),
    "questions.split_kind.random": ("random split", "随机划分"),
    "questions.split_kind.given": ("split as the file says", "按文件给定划分"),
    "questions.replace": ("Replace a set of the same name", "替换同名问题集"),
    "questions.made": ("{name}: {count} questions.", "{name}：{count} 个问题。"),
    "questions.delete_sure": (
        "Delete the question set **{name}** for good? Teachers trained on it stay.",
        "确定要永久删除问题集 **{name}** 吗？用它训练的教师会保留。",
    ),
    # Counts
    "questions.of_graph": ("About the graph {graph}", "关于图谱 {graph}"),
    "questions.all": ("Questions", "问题"),
    "questions.split.train": ("Train", "训练"),
    "questions.split.train_help": ("What models learn from.", "模型从中学习。"),
    "questions.split.dev": ("Dev", "验证"),
    "questions.split.dev_help": (
        "Chooses the best epoch; never learned from.",
        "用来挑选最好的一轮，不参与学习。",
    ),
    "questions.split.test": ("Test", "测试"),
    "questions.split.test_help": (
        "Kept for the score; no model sees it before.",
        "只用来打分，任何模型事先都没见过。",
    ),
    "questions.by_hops": ("Counts by hops and split", "按跳数和划分统计"),
    "questions.hops": ("Hops", "跳数"),
    "questions.unknown": ("unknown", "未知"),
    "questions.skipped": ("{count} rows were left out", "有 {count} 行被略过"),
    # Browsing
    "questions.filter.text": ("Text", "文字"),
    "questions.filter.language": ("Language", "语言"),
    "questions.filter.hops": ("Hops", "跳数"),
    "questions.filter.split": ("Split", "划分"),
    "questions.filter.gold": ("Gold path", "标准路径"),
    "questions.filter.all": ("All", "全部"),
    "questions.gold_known": ("known", "已知"),
    "questions.gold_withheld": ("withheld", "未给出"),
    "questions.matching": ("{shown} of {total} questions", "显示 {total} 个问题中的 {shown} 个"),
    "questions.choose_row": (
        "Choose a row to see the question drawn on the graph.",
        "选中一行，就能看到这个问题在图谱上的样子。",
    ),
    "questions.column.text": ("Question", "问题"),
    "questions.column.answers": ("Answers", "答案数"),
    # One question
    "questions.about": ("About: {topics}", "主题：{topics}"),
    "questions.answers_are": ("Answers: {answers}", "答案：{answers}"),
    "questions.paths": ("Gold path on the graph", "图谱上的标准路径"),
    "questions.withheld": (
        "Only the answers of this question are known: its path is withheld, and a teacher has to "
        "find it.",
        "这个问题只给出答案，没有给出路径，需要教师自己去找。",
    ),
    "questions.ungrounded": (
        "The gold path does not lead to the answers in the graph as it is now.",
        "在当前的图谱里，标准路径走不到这些答案。",
    ),
    "questions.stale": (
        "The graph {graph} has changed since these questions were tied to it; make or import them "
        "again to be safe.",
        "图谱 {graph} 在这些问题建立之后有改动，稳妥起见请重新生成或导入。",
    ),
}
