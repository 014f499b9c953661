"""Words of the page Teacher and of the view of a teacher's reasoning."""

TEXT = {
    "teach.intro": (
        "The teacher reads the question, walks the graph hop by hop, and says how likely each "
        "path is.",
        "教师读懂问题，在图谱上一跳一跳地走，并说出每条路径有多大可能。",
    ),
    "teach.view.watch": ("Watch it reason", "看它推理"),
    "teach.view.what_if": ("What if", "假如没有"),
    "teach.view.report": ("Report", "报告"),
    "teach.view.train": ("Train a teacher", "训练教师"),
    "teach.no_graph": (
        "A teacher needs a graph to reason over. Import one, or take the sample graph.",
        "教师需要一个图谱才能推理。请先导入一个，或使用示例图谱。",
    ),
    "teach.no_questions": (
        "A teacher learns from questions. Import some, or generate them from your graph.",
        "教师要从问题中学习。请先导入问题，或由图谱自动生成。",
    ),
    "teach.no_teacher": (
        "There is no teacher yet. Train one here, or let the tour do it.",
        "还没有教师。可以在这里训练一位，也可以交给导览。",
    ),
    "teach.to_graph": ("Go to Graph", "前往图谱"),
    "teach.to_questions": ("Go to Questions", "前往问题"),
    "teach.to_tour": ("Open the tour", "打开导览"),
    "teach.to_distil": ("Distil this teacher", "蒸馏这位教师"),
    "teach.choose": ("Teacher", "教师"),
    "teach.start": ("Train", "开始训练"),
    "teach.another": ("Train another", "再训练一位"),
    "teach.running": ("Training {name}", "正在训练 {name}"),
    "teach.done": ("{name} is ready.", "{name} 已经准备好了。"),
    "teach.watch_new": ("Watch it reason", "看它推理"),
    "teach.card": (
        "Graph {graph} · questions {questions} · up to {hops} hops",
        "图谱 {graph} · 问题集 {questions} · 最多 {hops} 跳",
    ),
    "teach.card_hits": ("{hits} of dev questions right", "开发集答对 {hits}"),
    "teach.ask_first": (
        "Choose an example or type a question to watch the teacher reason.",
        "选一个例子或输入一个问题，就能看到教师如何推理。",
    ),
    "suppose.ask_first": (
        "Choose an example or type a question. Then take a fact, an entity or a word away and see "
        "what the teacher would say without it.",
        "选一个例子或输入一个问题，然后去掉一个事实、一个实体或一个词，看看教师会怎么说。",
    ),
    # --- what if it were not there --------------------------------------------------------------
    "suppose.press": (
        "Press a line to take this fact away, or a dot to take away an entity with all its facts; "
        "press again to put it back.",
        "点一条线去掉这个事实，点一个圆点去掉该实体及其全部事实；再点一次就放回来。",
    ),
    "suppose.word": ("Words left out of the question", "从问题中去掉的词"),
    "suppose.word_help": (
        "What the question is about is not among them: without it there would be no question.",
        "问题所问的实体不在其中：没有它就没有问题了。",
    ),
    "suppose.fact": ("Facts taken away", "去掉的事实"),
    "suppose.entity": ("Entities taken away", "去掉的实体"),
    "suppose.nothing_away": ("None yet", "还没有"),
    "suppose.put_back": ("Put all back", "全部放回"),
    "suppose.first": (
        "Everything is there as it is. Take something away to see what the teacher leans on.",
        "现在一切都在。去掉一样东西，看看教师靠的是什么。",
    ),
    "suppose.silent": (
        "Nothing leads on any more: the teacher has no answer.",
        "再也走不下去了：教师没有答案。",
    ),
    "suppose.still": (
        "Nothing changes: the teacher did not lean on this.",
        "没有变化：教师靠的不是它。",
    ),
    "suppose.stays": (
        "The answer stays {answer}: {before} before, {after} now.",
        "答案仍是 {answer}：之前 {before}，现在 {after}。",
    ),
    "suppose.changes": (
        "The answer becomes {now} ({after}); it was {was} ({before}).",
        "答案变成 {now}（{after}），原来是 {was}（{before}）。",
    ),
    "suppose.moved": ("**{share}** of the probability moved.", "**{share}** 的概率移动了。"),
    "suppose.moved_help": (
        "Half the sum of all changes over the paths: 0% is the same distribution, 100% one that "
        "shares nothing with it (total variation).",
        "所有路径概率变化之和的一半：0% 表示分布不变，100% 表示毫无共同之处（全变差）。",
    ),
    "suppose.before": ("as it is", "原来"),
    "suppose.after": ("without", "去掉之后"),
    "suppose.gone": ("This path is no longer there.", "这条路径已不存在。"),
    "suppose.paths_alt": (
        "The paths' probabilities as they are and without what is taken away.",
        "各条路径原来的概率与去掉之后的概率。",
    ),
    "suppose.answers_alt": (
        "The answers' probabilities as they are and without what is taken away.",
        "各个答案原来的概率与去掉之后的概率。",
    ),
    "suppose.table": ("As a table", "表格形式"),
    # --- the report -----------------------------------------------------------------------------
    "report.hits": ("Hits@1", "Hits@1"),
    "report.hits_help": (
        "Share of the held-out questions whose most probable answer is right.",
        "留出的问题中，概率最高的答案正确的比例。",
    ),
    "report.exact": ("Exact paths", "路径全对"),
    "report.exact_help": (
        "Share of the questions with a gold path whose most probable path is a gold path.",
        "有标准路径的问题中，概率最高的路径就是标准路径的比例。",
    ),
    "report.ceiling": ("Retrieval ceiling", "检索上限"),
    "report.ceiling_help": (
        "Share of the questions of which some path inside the searched part of the graph reaches "
        "an answer: no teacher that walks it can do better.",
        "在所搜索的图谱范围内，至少有一条路径能到达答案的问题比例：任何在其中行走的教师都不可能更好。",
    ),
    "report.ece": ("ECE", "ECE"),
    "report.ece_help": (
        "Expected calibration error: how far stated confidence and actual correctness are apart on "
        "average. 0% is a model that is right as often as it says; less is better.",
        "期望校准误差：模型自称的把握与实际正确率平均相差多少。0% 表示说多少就对多少；越小越好。",
    ),
    "report.coverage": ("Answered confidently", "有把握作答"),
    "report.coverage_help": (
        "Share of the held-out questions that it answers confidently enough for the wanted "
        "precision.",
        "留出的问题中，把握足以达到所要求精确率的比例。",
    ),
    "report.calibration": ("Can its confidence be believed?", "它的把握可信吗？"),
    "report.calibration_help": (
        "Calibrated: of the answers that it gives with 80% confidence, 80% are right. One "
        "temperature, fitted on held-out questions, divides all its choices to make it so.",
        "校准的意思是：它说有八成把握的答案里，八成是对的。为此用留出的问题拟合一个温度，"
        "所有选择都除以它。",
    ),
    "report.temperature": (
        "Temperature **{temperature}** brought the calibration error (ECE) from {ece_before} to "
        "**{ece}**.",
        "温度 **{temperature}** 使校准误差（ECE）从 {ece_before} 变为 **{ece}**。",
    ),
    "report.threshold": (
        "For {precision} right answers, answer from a confidence of **{threshold}** on: that is "
        "**{coverage}** of the questions.",
        "若要求答案有 {precision} 正确，就从 **{threshold}** 的把握起作答："
        "占问题的 **{coverage}**。",
    ),
    "report.no_threshold": (
        "From no confidence on would {precision} of its answers be right.",
        "无论从多大的把握起作答，都达不到 {precision} 的正确率。",
    ),
    "report.judged_on": (
        "Judged on {questions} held-out questions.",
        "依据 {questions} 道留出的问题。",
    ),
    "report.uncalibrated": (
        "How far this teacher can be believed here is not known: score it on questions of this "
        "graph, below.",
        "还不知道这位教师在这个图谱上有多可信：请在下方用这个图谱的问题评估它。",
    ),
    "report.questions": ("What became of the questions", "这些问题的去向"),
    "report.what": ("What", "项目"),
    "report.how_many": ("How many", "数量"),
    "report.count.used": ("Used", "用上的"),
    "report.count.several_topics": ("Of these, about several topics", "其中涉及多个主题的"),
    "report.count.unknown_topic": (
        "Left out: topic not in the graph",
        "舍去：图谱中没有主题实体",
    ),
    "report.count.nothing_around": (
        "Left out: nothing around the topic",
        "舍去：从主题出发无路可走",
    ),
    "report.count.unreachable": ("No path reaches an answer", "没有路径能到达答案"),
    "report.count.gold_missing": (
        "Gold paths not in the graph (ignored)",
        "图谱中不存在的标准路径（已忽略）",
    ),
    "report.count.cut_words": (
        "Longer than the teacher reads (cut)",
        "长于教师所能读的（已截断）",
    ),
    "report.count.cut_trees": (
        "More around the topic than was looked at",
        "主题周围太大，没有全部查看",
    ),
    "report.count.relations_without_label": (
        "Relations without a label (ids are read)",
        "没有名称的关系（改读编号）",
    ),
    "report.learning": ("How it learned", "学习过程"),
    "report.learned": (
        "**{steps}** steps, {epochs} passes over the questions, {took}; the best state, after step "
        "**{best_step}**, was kept.",
        "共 **{steps}** 步，把问题学了 {epochs} 遍，用时 {took}；"
        "保留了第 **{best_step}** 步后的最佳状态。",
    ),
    "report.no_run": (
        "The run that trained it is no longer known, so there are no curves.",
        "训练它的那次运行已经没有记录，因此没有曲线。",
    ),
    "report.evaluations": ("How it did elsewhere", "在其他问题上的成绩"),
    "report.no_evaluation": (
        "It has not been scored on its test questions yet.",
        "还没有在测试题上评估过。",
    ),
    "report.evaluate": ("Score it on the test questions", "用测试题评估"),
    "report.plot_of": ("Its confidence on", "在哪些问题上的把握"),
    "report.settings": ("Its settings", "它的设置"),
    "report.setting": ("Setting", "设置项"),
    "report.value": ("Value", "值"),
    "report.graph_hash": ("Graph hash {hash}…", "图谱哈希 {hash}…"),
    "reliability.confidence": ("Confidence", "把握"),
    "reliability.accuracy": ("Right", "正确率"),
    "reliability.count": ("Questions", "问题数"),
    "reliability.between": ("Confidence between", "把握区间"),
    "reliability.alt": (
        "How often answers are right against how confident they are; the table says the same.",
        "答案的正确率与把握的对照图，下方表格内容相同。",
    ),
    "reliability.legend": (
        "Dashed: as often right as it says. A bar below it: too sure. Numbers: questions.",
        "虚线：说多少就对多少。低于虚线：过于自信。数字：问题数。",
    ),
    "reliability.legend_threshold": (
        "Dashed: as often right as it says. A bar below it: too sure. Numbers: questions. Orange: "
        "confident from here on.",
        "虚线：说多少就对多少。低于虚线：过于自信。数字：问题数。橙线：从这里起算有把握。",
    ),
    "reliability.table": ("As a table", "表格形式"),
    # --- choosing a question --------------------------------------------------------------------
    "choice.question": ("Question", "问题"),
    "choice.placeholder": (
        "e.g. What is Joe Biden's nationality?",
        "例如：乔·拜登的国籍是什么？",
    ),
    "choice.example": ("An example from the test questions", "从测试题中选一个例子"),
    "choice.example_placeholder": ("Choose one", "选一个"),
    # --- the view of the reasoning --------------------------------------------------------------
    "trace.step": ("Hop", "跳"),
    "trace.begin": ("Start", "起点"),
    "trace.hop": ("Hop {hop}", "第 {hop} 跳"),
    "trace.back": ("Back", "上一步"),
    "trace.next": ("Next", "下一步"),
    "trace.follow": ("Follow", "跟随哪个主题"),
    "trace.follow_help": (
        "The question is about several entities. Each has a tree of its own; the answers are where "
        "paths from all of them meet.",
        "这道题问到多个实体。每个实体有自己的路径树；答案在各条路径交汇之处。",
    ),
    "trace.meetings": ("Where they meet", "在哪里交汇"),
    "trace.meetings_help": (
        "One path from each entity, with ends in common. Its probability is the product of the "
        "paths' probabilities, divided by the sum over all such meetings.",
        "每个实体各取一条路径，且终点有交集。概率是各路径概率之积，再除以所有交汇的总和。",
    ),
    "trace.no_meeting": (
        "The paths meet nowhere, so there is no answer.",
        "这些路径没有交汇，所以没有答案。",
    ),
    "trace.also": ("It is also about", "它还问到"),
    "trace.also_help": (
        "Other entities that the question names. Choose those that the answer must lie at as well.",
        "问题中提到的其他实体。答案也必须与之相连的，请选上。",
    ),
    "trace.start": (
        "The teacher starts at **{topics}**: the entity that the question is about. Go on to the "
        "first hop.",
        "教师从 **{topics}** 出发：这就是问题所问的实体。请继续看第一跳。",
    ),
    "trace.words": ("What it reads now", "此刻它在看哪些词"),
    "trace.words_help": (
        "The deeper the colour, the more the teacher attends to the word at this hop.",
        "颜色越深，教师在这一跳越关注这个词。",
    ),
    "trace.choices": ("Where it goes", "它往哪里走"),
    "trace.choices_help": (
        "Mass: probability of being on this path. Choice: probability of this step given the one "
        "before. Stops: probability that the path ends here.",
        "质量：走在这条路上的概率。选择：由上一步走到这一步的概率。停下：路径到此为止的概率。",
    ),
    "trace.messages": ("What message passing changed", "消息传递改变了什么"),
    "trace.messages_help": (
        "Before it chooses, the teacher looks ahead: messages pass along the edges of the graph "
        "and tell each place what kind of entities lie beyond it. Here is the mass of the paths of "
        "this hop without that look ahead and with it, those that it moved most.",
        "教师在选择之前会先往前看：消息沿着图谱的边传递，让每一处知道前方是什么样的实体。"
        "这里对比这一跳的路径在没有和有消息传递时的质量，列出变化最大的几条。",
    ),
    "trace.messages_none": (
        "Nothing to compare: this teacher passes no messages.",
        "没有可比较的：这位教师不做消息传递。",
    ),
    "trace.messages_large": (
        "Nothing to compare: the tree of this question is so large that it is grown as the teacher "
        "needs it, and without messages it would be another tree.",
        "没有可比较的：这道题的路径树太大，只按教师的需要展开；没有消息传递时会是另一棵树。",
    ),
    "trace.messages_still": (
        "At this hop it moved nothing that shows.",
        "在这一跳，它没有带来看得出的变化。",
    ),
    "trace.without": ("Without", "没有时"),
    "trace.with": ("With", "有时"),
    "trace.change": ("Change", "变化"),
    "trace.mass": ("Mass", "质量"),
    "trace.choice": ("Choice", "选择"),
    "trace.stop": ("Stops", "停下"),
    "trace.frontier": ("Reaches", "到达"),
    "trace.paths": ("The best paths", "最好的路径"),
    "trace.paths_help": (
        "The probabilities of all paths sum to one. Those that are not listed are summed up in the "
        "last row; nothing is scaled up to hide them.",
        "所有路径的概率之和为一。没有列出的路径合计在最后一行，不会为了好看而放大前面的概率。",
    ),
    "trace.parting_start": (
        "The two best paths part at once: {first} or {second}.",
        "最好的两条路径一开始就分开：{first} 与 {second}。",
    ),
    "trace.parting_after": (
        "The two best paths share {shared} and part there: {first} or {second}.",
        "最好的两条路径同走 {shared}，然后分开：{first} 与 {second}。",
    ),
    "trace.parting_stop": ("stop there", "到此为止"),
    "trace.path": ("Path", "路径"),
    "trace.probability": ("Probability", "概率"),
    "trace.leads_to": ("Leads to", "通往"),
    "trace.answers": ("Answers", "答案"),
    "trace.answer": ("Answer", "答案"),
    "trace.rest": ("everything else", "其余所有路径"),
    "trace.shown": (
        "{shown} of {all} shown, the most probable first.",
        "按概率显示 {all} 条中的 {shown} 条。",
    ),
}
