# Makes wrong programs of a candidate by small changes of its syntax tree, and the normal form of a program. The
# candidate is parsed here and never run.
import ast
import copy

COMPARISONS = {
    ast.Lt: [ast.LtE, ast.Gt],
    ast.LtE: [ast.Lt, ast.GtE],
    ast.Gt: [ast.GtE, ast.Lt],
    ast.GtE: [ast.Gt, ast.LtE],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.In: [ast.NotIn],
    ast.NotIn: [ast.In],
    ast.Is: [ast.IsNot],
    ast.IsNot: [ast.Is],
}
OPERATORS = {
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Add],
    ast.Div: [ast.Mult],
    ast.FloorDiv: [ast.Mult],
    ast.Mod: [ast.FloorDiv],
    ast.Pow: [ast.Mult],
    ast.BitAnd: [ast.BitOr],
    ast.BitOr: [ast.BitAnd],
    ast.BitXor: [ast.BitOr],
    ast.LShift: [ast.RShift],
    ast.RShift: [ast.LShift],
}

# Functions whose result does not depend on the order of two arguments.
SYMMETRIC = {"max", "min", "gcd", "lcm", "isclose"}
OTHERS = {"max": "min", "min": "max", "any": "all", "all": "any"}


def called(node):
    """The last name of a called function."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)


def docstring_of(body):
    first = body[0] if body else None
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return first.value if is_text and isinstance(first.value.value, str) else None


def changes(node):
    """Yields (name, change) for one node; a change alters the node in place."""
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            for other in COMPARISONS.get(type(operator), []):

                def change(node, place=place, other=other):
                    node.ops[place] = other()

                yield "%s for %s" % (other.__name__, type(operator).__name__), change
    elif isinstance(node, (ast.BinOp, ast.AugAssign)):
        for other in OPERATORS.get(type(node.op), []):

            def change(node, other=other):
                node.op = other()

            yield "%s for %s" % (other.__name__, type(node.op).__name__), change
    elif isinstance(node, ast.BoolOp):

        def change(node):
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()

        yield "the other of and, or", change
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):

        def change(node):
            node.op = ast.UAdd() if isinstance(node.op, ast.USub) else node.op
            if isinstance(node.op, ast.Not):
                node.operand = ast.UnaryOp(ast.Not(), node.operand)

        yield "no %s" % type(node.op).__name__, change
    elif isinstance(node, ast.Constant):
        if type(node.value) is int:
            for step in (1, -1):

                def change(node, step=step):
                    node.value += step

                yield "%d for %d" % (node.value + step, node.value), change
        elif type(node.value) is bool:

            def change(node):
                node.value = not node.value

            yield "%s for %s" % (not node.value, node.value), change
        elif type(node.value) is str and node.value:

            def change(node):
                node.value = ""

            yield "an empty text for a text", change
    elif isinstance(node, (ast.If, ast.While, ast.IfExp)):

        def change(node):
            node.test = ast.UnaryOp(ast.Not(), node.test)

        yield "a negated condition", change
    elif isinstance(node, ast.Return) and node.value is not None:

        def change(node):
            node.value = ast.Constant(None)

        yield "None returned", change
    elif isinstance(node, ast.Break):
        yield "continue for break", None
    elif isinstance(node, ast.Continue):
        yield "break for continue", None
    elif isinstance(node, ast.Call) and len(node.args) == 2 and called(node) not in SYMMETRIC:

        def change(node):
            node.args.reverse()

        yield "swapped arguments", change
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in OTHERS:

        def change(node):
            node.id = OTHERS[node.id]

        yield "%s for %s" % (OTHERS[node.id], node.id), change


def statements(tree):
    """Yields the place of every statement that can be left out: (node, field, index)."""
    for number, node in enumerate(ast.walk(tree)):
        for field in ("body", "orelse"):
            body = getattr(node, field, None)
            if isinstance(body, list) and not isinstance(node, ast.Module):
                for index, statement in enumerate(body):
                    if isinstance(statement, (ast.Assign, ast.AugAssign, ast.Expr, ast.If, ast.For, ast.Raise)):
                        yield number, field, index


def altered(tree, number, change):
    copied = copy.deepcopy(tree)
    place = list(ast.walk(copied))[number]
    if change is not None:
        change(place)
        return copied
    for parent in ast.walk(copied):
        for field in ("body", "orelse"):
            body = getattr(parent, field, None)
            if isinstance(body, list) and place in body:
                body[body.index(place)] = ast.Continue() if isinstance(place, ast.Break) else ast.Break()
    return copied


def shortened(tree, number, field, index):
    copied = copy.deepcopy(tree)
    getattr(list(ast.walk(copied))[number], field)[index] = ast.Pass()
    return copied


def variants(tree):
    """Returns (name, maker) for every wrong program. A maker copies the tree, which takes time."""
    docstrings = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        docstring = docstring_of(body) if isinstance(body, list) else None
        if docstring is not None:
            docstrings.add(id(docstring))
    made = []
    for number, node in enumerate(ast.walk(tree)):
        if id(node) not in docstrings:
            line = getattr(node, "lineno", 0)
            for name, change in changes(node):
                made.append(("%s, line %d" % (name, line), lambda n=number, c=change: altered(tree, n, c)))
    for number, field, index in statements(tree):
        statement = getattr(list(ast.walk(tree))[number], field)[index]
        if docstring_of([statement]) is None:
            name = "a statement left out, line %d" % statement.lineno
            made.append((name, lambda n=number, f=field, i=index: shortened(tree, n, f, i)))
    return made


def normal(tree):
    """The program with its names in the order of their appearance, without docstrings and annotations."""
    names = {}
    tree = copy.deepcopy(tree)

    def numbered(name):
        return names.setdefault(name, "n%d" % len(names))

    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and docstring_of(body) is not None and len(body) > 1:
            del body[0]
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            node.name = numbered(node.name)
            node.returns = None
        elif isinstance(node, ast.arg):
            node.arg, node.annotation = numbered(node.arg), None
        elif isinstance(node, ast.Name):
            node.id = numbered(node.id)
    return ast.dump(tree)


def mutants(source, most):
    """Returns up to `most` wrong programs as (name, source), spread evenly, and the number that there are."""
    try:
        tree = ast.parse(source)
        seen = {ast.dump(tree)}
        made = variants(tree)
        count = len(made)
        if count > most:
            made = [made[place * count // most] for place in range(most)]
        texts = []
        for name, make in made:
            changed = ast.fix_missing_locations(make())
            shown = ast.dump(changed)
            if shown not in seen:
                seen.add(shown)
                texts.append((name, ast.unparse(changed)))
        return count, texts
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def normal_form(source):
    try:
        return normal(ast.parse(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def prepare(source, oracle, most):
    """Returns the wrong programs of `source`, and whether it is the oracle's code under other names."""
    own = normal_form(source)
    same = oracle is not None and own is not None and own == normal_form(oracle)
    return mutants(source, most), same
