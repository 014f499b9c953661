"""Words of the other ways to come by a teacher."""

TEXT = {
    "other.way": ("How to come by a teacher", "怎样得到一位教师"),
    "other.way.train": ("Train one", "训练一位"),
    "other.way.lexical": ("Plain lexical", "字面匹配"),
    "other.way.language_model": ("Language model", "语言模型"),
    "other.way.mixture": ("Mixture", "混合"),
    "other.way.transfer": ("From another graph", "来自另一个图谱"),
    "other.when.train": (
        "Learns from questions with known answers or paths. The most exact teacher wherever there "
        "are a few hundred of them; a minute or so on a CPU.",
        "从已知答案或路径的问题中学习。有几百道这样的问题时它最准确；在 CPU 上约需一分钟。",
    ),
    "other.when.lexical": (
        "Needs no training: a path is as likely as the question spells its relations. Sensible as "
        "a baseline to beat, and where there is nothing to learn from but the relations have "
        "telling labels.",
        "无需训练：问题的用词与路径上关系的名称越像，路径越可能。适合作为要超越的基线；"
        "也适合没有东西可学、而关系名称很清楚的图谱。",
    ),
    "other.when.language_model": (
        "Lets a causal language model score every candidate path. Sensible where questions say "
        "things in words that no label spells, and training questions are few. It takes from "
        "tenths of a second to seconds for each question.",
        "让因果语言模型为每条候选路径打分。适合提问的用词与关系名称不同、训练问题又很少的情形。"
        "每道题要花零点几秒到几秒。",
    ),
    "other.when.mixture": (
        "Averages what several teachers say. Sensible where they err on different questions: the "
        "mixture is rarely worse than the best of them, and less sure where they disagree.",
        "把几位教师的说法取平均。适合它们在不同的问题上出错的情形：混合很少不如其中最好的一位，"
        "意见不一时也不会过于自信。",
    ),
    "other.when.transfer": (
        "A trained teacher reads relations by their labels, so it can reason over a graph that it "
        "has never seen. Sensible where that graph has no questions yet; score it there before you "
        "rely on it.",
        "训练过的教师按名称理解关系，所以也能在没见过的图谱上推理。适合还没有问题的图谱；"
        "在依靠它之前，请先在那里评估。",
    ),
    "other.make": ("Make it", "开始制作"),
    "other.two": ("Choose at least two.", "请至少选择两位。"),
    "other.no_mixture": (
        "A mixture needs two teachers over the same graph with the same hops, directions and "
        "largest tree; make another one first.",
        "混合需要两位在同一图谱上、跳数、方向与最多路径数都相同的教师；请先再制作一位。",
    ),
    "other.no_transfer": (
        "Only a trained teacher can be taken to another graph; train one first.",
        "只有训练过的教师才能带到另一个图谱；请先训练一位。",
    ),
}
