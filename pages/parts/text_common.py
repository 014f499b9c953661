"""Words that several pages share: the frame, verdicts, the graph view, plain actions."""

TEXT = {
    # The frame: menu, titles, language
    "nav.start": ("Start", "开始"),
    "nav.graph": ("Graph", "图谱"),
    "nav.questions": ("Questions", "问题"),
    "nav.teach": ("Teach", "教师"),
    "nav.distil": ("Distil", "蒸馏"),
    "nav.runs": ("Runs", "运行"),
    "nav.ask": ("Ask", "提问"),
    "page.tour": ("Tour", "导览"),
    "page.graph": ("Explore the graph", "浏览图谱"),
    "page.questions": ("Browse questions", "浏览问题"),
    "page.teacher": ("Teacher", "教师模型"),
    "page.distil": ("Distil", "蒸馏学生"),
    "page.soft_labels": ("Soft labels", "软标签"),
    "page.runs": ("Runs", "运行记录"),
    "page.ask": ("Ask", "提问"),
    "frame.language": ("Language", "语言"),
    "frame.sign_out": ("Sign out", "退出登录"),
    "frame.guest": (
        "You are a guest: you may look around and ask.",
        "您是访客：可以浏览和提问。",
    ),
    "frame.no_gate": (
        "The studio opens behind its gate only: start it with `make app`.",
        "工作台只能经由登录入口打开，请用 `make app` 启动。",
    ),
    "frame.owner_only": ("Only the owner can do this.", "只有所有者可以执行此操作。"),
    # Verdicts on a hop
    "verdict.in_graph": ("in the graph", "图中有"),
    "verdict.only_inverse": ("only the other way round", "只有反方向"),
    "verdict.wrong_relation": ("no such link here", "没有这种关系"),
    "verdict.entity_missing": ("not in the graph", "图中没有此实体"),
    "verdict.dead_end": ("dead end", "走不下去"),
    "verdict.nearest": ("The graph does say:", "图中最接近的事实："),
    # The graph view
    "graph_view.name": (
        "A drawing of the graph; the table below says the same.",
        "图谱示意图，下方表格内容相同。",
    ),
    "graph_view.keys": ("Arrow keys move it, + and - zoom.", "方向键移动，加号和减号缩放。"),
    "graph_view.failed": (
        "The drawing could not be loaded in this browser. The table below shows the same facts.",
        "浏览器没能加载图形。下方的表格列出了同样的内容。",
    ),
    "graph_view.zoom_in": ("Zoom in", "放大"),
    "graph_view.zoom_out": ("Zoom out", "缩小"),
    "graph_view.fit": ("Show everything", "显示全部"),
    "graph_view.topic": ("topic", "主题"),
    "graph_view.answer": ("answer", "答案"),
    "graph_view.path": ("on the path", "路径上"),
    "graph_view.other": ("around it", "周边"),
    "graph_view.removed": ("taken away", "已去掉"),
    "graph_view.teacher": ("teacher", "教师"),
    "graph_view.student": ("student", "学生"),
    "graph_view.shown": ("{shown} of {total} entities shown", "显示 {total} 个实体中的 {shown} 个"),
    "graph_view.table": ("As a table, or a file to keep", "表格形式与下载"),
    "graph_view.from": ("From", "起点"),
    "graph_view.relation": ("Relation", "关系"),
    "graph_view.to": ("To", "终点"),
    "graph_view.note": ("Note", "备注"),
    "graph_view.download": ("Download the drawing", "下载图形"),
    "graph_view.download_help": (
        "One HTML file that opens in any browser, without internet.",
        "一个 HTML 文件，任何浏览器都能打开，无需联网。",
    ),
    # Imports
    "import.again": ("Back to the form", "返回表单"),
    "import.quota": (
        "These files take {wanted}. Uploads may take {most} together, and {used} are taken by "
        "imports that wait, go on or have failed: delete failed ones on the page Runs, or set "
        "PATHDISTILL_UPLOADS_MB.",
        "这些文件共 {wanted}。所有上传合计不得超过 {most}，"
        "等待中、进行中或失败的导入已占用 {used}："
        "请在“运行记录”页删除失败的导入，或设置 PATHDISTILL_UPLOADS_MB。",
    ),
    "import.no_room": (
        "These files take {wanted}, and the disk of the workspace has only {free} left: free some "
        "space, or import them in the terminal from where they are.",
        "这些文件共 {wanted}，而工作区所在磁盘只剩 {free}："
        "请先腾出空间，或在终端里直接从原处导入。",
    ),
    "form.path": (
        "{field} takes no path of the server on a page (given: {value}): name a model by a preset "
        "or a Hugging Face id such as owner/name, or give the path in the terminal.",
        "页面上的“{field}”不接受服务器路径（给出的是：{value}）：请填写预设名称或 "
        "owner/name 形式的 Hugging Face 名称，需要路径时请在终端里运行。",
    ),
    "import.no_files": (
        "No file was chosen: add at least one.",
        "还没有选择文件，请至少添加一个。",
    ),
    # Plain words
    "common.delete_what": ("{files} files go, {size}.", "将删除 {files} 个文件，共 {size}。"),
    "common.delete": ("Delete", "删除"),
    "common.delete_yes": ("Yes, delete it", "是的，删除"),
    "common.deleted": ("{name} is gone.", "{name} 已删除。"),
    "common.and_more": ("and {count} more", "还有 {count} 个"),
    "common.to_tour": ("Take the tour first", "先看导览"),
}
