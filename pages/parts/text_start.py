"""Words of the tour."""

TEXT = {
    "tour.heading": ("Answers that show their path", "每个答案，都看得见来路"),
    "tour.problem": (
        "A language model answers fluently, and often wrongly. A graph holds the facts, but cannot "
        "read a question.",
        "语言模型答得流利，却常常答错；图谱里有事实，却读不懂问题。",
    ),
    "tour.teacher": (
        "A **teacher** reads the question and walks the graph, relation by relation, saying how "
        "likely each path is.",
        "**教师**读懂问题，沿着图谱上的关系一步步走，并说出每条路径有多大可能。",
    ),
    "tour.student": (
        "A small **student** model learns those paths, and how sure the teacher was of each.",
        "小小的**学生**模型学会这些路径，也学会教师对每条路径有多大把握。",
    ),
    "tour.check": (
        "When it answers, every step is **checked against the graph**.",
        "学生回答时，每一步都会**与图谱核对**。",
    ),
    "tour.question": ("What is Joe Biden's nationality?", "乔·拜登的国籍是什么？"),
    "tour.illustration": (
        "Two paths lead to the answer; 0.11 is left for everything else. This is an "
        "illustration: the "
        "numbers of your own teacher come in a few minutes.",
        "有两条路径通往答案，其余所有路径共占 0.11。这只是示意；"
        "几分钟后就能看到你自己的教师给出的数字。",
    ),
    "tour.example.joe_biden": ("Joe Biden", "乔·拜登"),
    "tour.example.scranton": ("Scranton", "斯克兰顿"),
    "tour.example.university_of_delaware": ("University of Delaware", "特拉华大学"),
    "tour.example.usa": ("USA", "美国"),
    "tour.example.born_in": ("born in", "出生于"),
    "tour.example.city_of": ("city of", "所属国家"),
    "tour.example.graduate_from": ("graduated from", "毕业于"),
    "tour.example.located_in": ("located in", "位于"),
    "tour.run": ("Run the whole loop", "完整走一遍"),
    "tour.run_note": (
        "On the sample graph, on this machine, nothing to download. It takes a few minutes, and "
        "you "
        "can watch all of it.",
        "使用示例图谱，就在这台机器上，无需下载。只要几分钟，全程都能看到。",
    ),
    "tour.again": ("Run again", "再走一遍"),
    "tour.about": ("What is this?", "这是什么？"),
    # --- while it runs ---------------------------------------------------------------------------
    "tour.running": ("The whole loop, as it happens.", "全过程正在进行。"),
    "tour.reload": (
        "You may close or reload this page: the run goes on, and this address leads back to it.",
        "可以关闭或刷新本页：任务会继续进行，用这个地址就能回来。",
    ),
    "tour.now.": ("The run is starting in a process of its own.", "任务正在自己的进程里启动。"),
    "tour.now.import": (
        "**The graph comes in.** Entities and relations are read, checked, and laid out as columns "
        "of numbers, with every relation walkable both ways.",
        "**读入图谱。** 读取并检查实体与关系，排成一列列数字，每条关系都能双向走。",
    ),
    "tour.now.questions": (
        "**Questions are made from the graph.** Paths are drawn from it and put into words, in "
        "English and in Chinese. Test questions ask about what training questions never touch.",
        "**由图谱生成问题。** 从图谱里抽取路径，用中英文写成问题。测试题问的内容，训练题从不涉及。",
    ),
    "tour.now.teacher": (
        "**The teacher learns.** At every hop it weighs the relations that leave where it "
        "stands. The "
        "loss falls as it puts more of its probability on paths that lead to the answers.",
        "**教师在学习。** 在每一跳，它权衡从当前位置出发的各种关系。"
        "它把越多概率放在通往答案的路径上，损失就越低。",
    ),
    "tour.now.labels": (
        "**The teacher writes labels.** For each question: the best paths, the probability of "
        "each, "
        "and how much is left for all others. Nothing is rounded away.",
        "**教师写标签。** 对每个问题，写下最好的几条路径、各自的概率，以及留给其余路径的部分，"
        "一点也不丢。",
    ),
    "tour.now.distil": (
        "**The student learns from the labels.** It practises saying the paths word by word: "
        "the gold "
        "path, and the teacher's probabilities beside it.",
        "**学生向标签学习。** 它一个词一个词地练习说出路径：既学标准路径，也学教师给的概率。",
    ),
    "tour.now.evaluate": (
        "**Both are examined** on test questions that neither has seen: teacher, student, and the "
        "student speaking freely.",
        "**考试。** 用两者都没见过的测试题：教师、学生，以及自由发挥的学生。",
    ),
    "tour.now.ask": (
        "**The student answers**, and each hop of its path is looked up in the graph.",
        "**学生作答**，路径上的每一跳都到图谱里核对。",
    ),
    # --- the walk-through ------------------------------------------------------------------------
    "tour.took": ("The whole loop took {took}.", "全过程用时 {took}。"),
    "tour.step": ("Step", "步骤"),
    "tour.step.1": ("1 Graph", "1 图谱"),
    "tour.step.2": ("2 Questions", "2 问题"),
    "tour.step.3": ("3 Teacher", "3 教师"),
    "tour.step.4": ("4 Soft labels", "4 软标签"),
    "tour.step.5": ("5 Answer", "5 答案"),
    "tour.step.6": ("6 Scores", "6 成绩"),
    "tour.back": ("Back", "上一步"),
    "tour.next": ("Next", "下一步"),
    "tour.graph.heading": ("The graph holds the facts", "图谱里有事实"),
    "tour.graph.words": (
        "{triples} facts about {entities} things. Here is Joe Biden and what is around him.",
        "关于 {entities} 个事物的 {triples} 条事实。这里是乔·拜登和他周围的一切。",
    ),
    "tour.graph.link": ("Explore the graph", "浏览图谱"),
    "tour.questions.heading": ("Questions come from the graph itself", "问题来自图谱本身"),
    "tour.questions.words": (
        "{train} to learn from, {dev} to choose by, {test} to be examined on.",
        "{train} 道用来学习，{dev} 道用来挑选，{test} 道用来考试。",
    ),
    "tour.questions.text": ("Question", "问题"),
    "tour.questions.path": ("Path", "路径"),
    "tour.questions.withheld": ("(answers only)", "（只给答案）"),
    "tour.questions.answers": ("Answers", "答案"),
    "tour.questions.link": ("Browse the questions", "浏览问题"),
    "tour.teacher.heading": ("The teacher walks the graph", "教师在图谱上行走"),
    "tour.teacher.words": (
        "*{question}* Step through its hops: what it reads, and where it goes.",
        "*{question}* 一跳一跳地看：它在读什么，往哪里走。",
    ),
    "tour.teacher.link": ("Watch it on other questions", "换个问题看看"),
    "tour.soft.heading": ("The student learned how sure the teacher is", "学生学到了教师的把握"),
    "tour.soft.words": (
        "The same question, both asked for their paths. Raise the temperature to see the small "
        "probabilities.",
        "同一个问题，分别问两者的路径。调高温度，就能看清那些小概率。",
    ),
    "tour.soft.link": ("Look closer", "仔细看看"),
    "tour.answer.heading": ("The student answers, and the graph checks", "学生作答，图谱核对"),
    "tour.answer.words": (
        "The small model now works alone, in both languages.",
        "现在由小模型独自作答，中英文都行。",
    ),
    "tour.answer.supported": ("every step is in the graph", "每一步都在图谱中"),
    "tour.answer.unsupported": ("not supported by the graph", "图谱不支持"),
    "tour.answer.none": ("It found no answer.", "没有找到答案。"),
    "tour.answer.link": ("Ask your own question", "问你自己的问题"),
    "tour.scores.heading": ("How good are they?", "成绩如何？"),
    "tour.scores.words": (
        "Examined on {questions} test questions. *Right* means that the most probable answer is "
        "right; *valid* that the paths exist in the graph; *faithful* that the answers follow from "
        "the paths.",
        "共 {questions} 道测试题。“答对”指最可能的答案正确；“有效”指路径存在于图谱中；"
        "“忠实”指答案由路径得出。",
    ),
    "tour.scores.model": ("Model", "模型"),
    "tour.scores.teacher": ("Teacher", "教师"),
    "tour.scores.student": ("Student, inside the graph", "学生（限于图谱内）"),
    "tour.scores.student_free": ("Student, speaking freely", "学生（自由发挥）"),
    "tour.scores.hits_at_1": ("Right", "答对"),
    "tour.scores.f1": ("All answers (F1)", "全部答案（F1）"),
    "tour.scores.path_exact_match": ("Same path", "路径一致"),
    "tour.scores.path_validity": ("Valid", "有效"),
    "tour.scores.faithfulness": ("Faithful", "忠实"),
    "tour.scores.link": ("See the run", "查看这次任务"),
}
