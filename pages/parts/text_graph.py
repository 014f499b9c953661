"""Words of the page Graph, of the search for entities, and of importing."""

TEXT = {
    "graph.subtitle": (
        "The facts that everything else stands on. Walk through them, check what an import found, "
        "or bring your own.",
        "一切都建立在这些事实之上。可以四处走走，看看导入结果，也可以换成你自己的图谱。",
    ),
    "graph.choose": ("Graph", "图谱"),
    "graph.view": ("View", "视图"),
    "graph.view.explore": ("Explore", "浏览"),
    "graph.view.statistics": ("Statistics", "统计"),
    "graph.view.report": ("Import report", "导入报告"),
    "graph.add": ("Add a graph", "添加图谱"),
    "graph.empty_title": ("There is no graph yet", "还没有图谱"),
    "graph.empty": (
        "Begin with the sample: people, places, films and books in English and Chinese, small "
        "enough to see at a glance. Or load your own files.",
        "先用示例图谱试试：人物、地点、电影和书籍，中英双语，规模不大，一看就懂。"
        "也可以直接导入自己的文件。",
    ),
    "graph.sample": ("Load the sample graph", "加载示例图谱"),
    "graph.sample_help": (
        "About 800 entities and 2,000 facts that come with PathDistill; it takes a second.",
        "PathDistill 自带的小图谱，约 800 个实体、2000 条事实，一秒就好。",
    ),
    "graph.own": ("Or your own files", "或导入自己的文件"),
    "graph.files": ("Files", "文件"),
    "graph.files_help": (
        "One or more files of triples with three columns (head, relation, tail). Optionally tables "
        "that begin with `id`, `entity` or `relation` and have columns such as `label:en`, "
        "`label:zh` and `aliases`. Tabs, commas or | between columns; UTF-8 text.",
        "一个或多个三元组文件，三列：头实体、关系、尾实体。还可以附上名称表，"
        "首列为 `id`、`entity` 或 `relation`，其余列如 `label:en`、`label:zh`、`aliases`。"
        "列之间用制表符、逗号或 | 分隔，编码为 UTF-8。",
    ),
    "graph.name": ("Name", "名称"),
    "graph.name_help": (
        "Letters, digits, dot, hyphen and underscore.",
        "可用字母、数字、点、连字符和下划线。",
    ),
    "graph.replace": ("Replace a graph of the same name", "替换同名图谱"),
    "graph.import": ("Import", "导入"),
    "graph.imported": (
        "{name}: {triples} facts about {entities} entities.",
        "{name}：{entities} 个实体，{triples} 条事实。",
    ),
    "graph.delete_sure": (
        "Delete the graph **{name}** for good? Questions, teachers and students made from it stay, "
        "but cannot be used without it.",
        "确定要永久删除图谱 **{name}** 吗？由它产生的问题、教师和学生会保留，但没有它就不能使用。",
    ),
    # Explore
    "graph.start_here": ("Or start from one of the best connected:", "或者从联系最多的实体开始："),
    "graph.hops": ("Hops", "跳数"),
    "graph.hops_help": (
        "How far to look: 1 shows direct neighbours, 2 also their neighbours.",
        "看多远：1 只看直接相邻的实体，2 再加上它们的邻居。",
    ),
    "graph.click": (
        "Click a node to move there. The graph zooms with the wheel once you have clicked into it.",
        "点击节点即可前往。先点一下图，就能用滚轮缩放。",
    ),
    "graph.cut": (
        "Only the {shown} best connected are drawn; there are more within reach.",
        "只画出联系最多的 {shown} 个实体，范围内还有更多。",
    ),
    "graph.close": ("Back to the search", "返回搜索"),
    "graph.also": ("also known as {names}", "又名 {names}"),
    "graph.facts": ("Facts", "事实"),
    "graph.facts_help": (
        "Choose a row to move to that entity. A relation with ← leads from the other entity to "
        "this one.",
        "选中一行即可前往该实体。带 ← 的关系由对方指向当前实体。",
    ),
    "graph.facts_shown": (
        "The first {shown} of {total} facts",
        "显示 {total} 条事实中的前 {shown} 条",
    ),
    "graph.fact.relation": ("Relation", "关系"),
    "graph.fact.entity": ("Entity", "实体"),
    "graph.alone": (
        "No fact mentions this entity: it has a name, but no edge.",
        "没有事实提到这个实体：它有名称，但没有边。",
    ),
    # Statistics
    "graph.entities": ("Entities", "实体"),
    "graph.relations": ("Relations", "关系"),
    "graph.triples": ("Facts", "事实"),
    "graph.triples_help": (
        "Distinct triples of head, relation and tail.",
        "不重复的三元组：头实体、关系、尾实体。",
    ),
    "graph.languages": ("Languages", "语言"),
    "graph.no_labels": ("ids only", "只有标识"),
    "graph.relations_table": ("Relations by number of facts", "各关系的事实数"),
    "graph.hubs": ("Best connected entities", "联系最多的实体"),
    "graph.column.relation": ("Relation", "关系"),
    "graph.column.id": ("Id", "标识"),
    "graph.column.facts": ("Facts", "事实数"),
    "graph.column.entity": ("Entity", "实体"),
    "graph.column.degree": ("Edges", "边数"),
    "graph.degrees": (
        "An entity has {median} edges in the middle case and {highest} at most.",
        "实体的边数中位数为 {median}，最多为 {highest}。",
    ),
    # Import report
    "graph.clean": (
        "Everything was read: no row was skipped.",
        "全部读取成功，没有跳过任何一行。",
    ),
    "graph.skipped": ("{count} rows were skipped.", "有 {count} 行被跳过。"),
    "graph.skipped_first": ("The first of them:", "前几行如下："),
    "graph.met.rows": ("Rows of triples", "三元组行数"),
    "graph.met.duplicates": ("Repeated rows", "重复行"),
    "graph.met.duplicates_help": (
        "A repeated fact counts once.",
        "重复的事实只算一次。",
    ),
    "graph.met.dangling": ("Named, never used", "有名无边"),
    "graph.met.dangling_help": (
        "Entities that a table of labels names but no fact mentions.",
        "名称表里有、但没有任何事实提到的实体。",
    ),
    "graph.met.unlabelled": ("Without a name", "没有名称"),
    "graph.met.unlabelled_help": (
        "Entities without a label in any language; their id is shown instead.",
        "任何语言下都没有名称的实体，会显示它们的标识。",
    ),
    "graph.met.self_loops": ("Facts about themselves", "自指事实"),
    "graph.met.self_loops_help": (
        "Facts whose head is also their tail.",
        "头实体与尾实体相同的事实。",
    ),
    "graph.met.namesakes": ("Shared names", "重名"),
    "graph.met.namesakes_help": (
        "Names that several entities bear, such as Cambridge; a question about one of them needs "
        "to be told which.",
        "多个实体共用的名称，比如剑桥；问到它们时需要说明是哪一个。",
    ),
    "graph.files_read": ("Files", "文件"),
    "graph.file.file": ("File", "文件"),
    "graph.file.kind": ("Holds", "内容"),
    "graph.file.rows": ("Rows", "行数"),
    "graph.file.skipped": ("Skipped", "跳过"),
    "graph.kind.triples": ("facts", "事实"),
    "graph.kind.entities": ("names of entities", "实体名称"),
    "graph.kind.relations": ("names of relations", "关系名称"),
    "graph.finding.file": ("File", "文件"),
    "graph.finding.line": ("Line", "行号"),
    "graph.finding.found": ("Found", "内容"),
    "graph.finding.why": ("Why it was skipped", "跳过的原因"),
    "graph.namesake.label": ("Name", "名称"),
    "graph.namesake.entities": ("Entities", "实体"),
    # Search
    "search.label": ("Find an entity", "查找实体"),
    "search.placeholder": ("A name, an alias or an id", "名称、别名或标识"),
    "search.nothing": (
        "No name, alias or id holds these letters. Try fewer of them.",
        "没有名称、别名或标识包含这些字，少输入几个试试。",
    ),
    "search.found": ("{count} found", "找到 {count} 个"),
    "search.choose": ("Choose one", "请选择"),
}
