//! The first part of a source that the built-in interpreter lacks, found in the syntax tree before anything is run.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, TraversalSignal};
use ruff_python_ast::{AnyNodeRef, ExceptHandler, Expr, Number, Stmt};
use ruff_source_file::LineIndex;
use ruff_text_size::{Ranged, TextSize};

use super::lacks;

/// A construct, a module or a name that the interpreter lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Missing {
    pub(super) construct: String,
    /// The line in which it stands, from 1.
    pub(super) line: u32,
}

/// Returns what the interpreter lacks and the source uses first. None if it uses nothing that is known to be missing, or
/// is no Python, which the interpreter says itself.
pub(super) fn first_missing(source: &str) -> Option<Missing> {
    let parsed = ruff_python_parser::parse_module(source).ok()?;
    let mut finder = Finder::default();
    ruff_python_ast::visitor::source_order::walk_body(&mut finder, &parsed.syntax().body);
    let (at, construct) = finder.first()?;
    let line = LineIndex::from_source_text(source).line_index(at);
    Some(Missing { construct, line: u32::try_from(line.get()).unwrap_or(u32::MAX) })
}

/// A part of a source with names of its own.
#[derive(Default)]
struct Scope<'a> {
    /// The scope around it. None for the whole source.
    outer: Option<usize>,
    /// True if functions inside do not see its names.
    is_class: bool,
    /// The names under which modules were imported.
    modules: BTreeMap<&'a str, &'a str>,
    /// The names that are bound in any other way: those are what the source says, and no module and no builtin.
    bound: BTreeSet<&'a str>,
}

/// A name as a source means it.
enum Meaning<'a> {
    /// The source binds it.
    Own,
    /// A module.
    Module(&'a str),
    /// Nothing in the source binds it.
    Builtin,
}

/// Everything in a source that may be missing, and the names that the source binds itself.
struct Finder<'a> {
    missing: Vec<(TextSize, String)>,
    scopes: Vec<Scope<'a>>,
    /// The scope that is being walked.
    here: usize,
    /// The names that are read, each with its scope.
    read: Vec<(TextSize, &'a str, usize)>,
    /// The attributes that are read of names, each with its scope.
    attributes: Vec<(TextSize, &'a str, &'a str, usize)>,
}

impl Default for Finder<'_> {
    fn default() -> Self {
        let scopes = vec![Scope::default()];
        Self { missing: Vec::new(), scopes, here: 0, read: Vec::new(), attributes: Vec::new() }
    }
}

impl<'a> Finder<'a> {
    fn first(self) -> Option<(TextSize, String)> {
        let builtins = self.read.iter().filter(|(_, name, scope)| {
            lacks::BUILTINS.contains(name) && matches!(self.meaning(name, *scope), Meaning::Builtin)
        });
        let builtins = builtins.map(|(at, name, _)| (*at, format!("the builtin {name}")));
        let of_modules = self.attributes.iter().filter_map(|(at, name, attribute, scope)| {
            let Meaning::Module(module) = self.meaning(name, *scope) else { return None };
            lacks::attribute(module, attribute).then(|| (*at, format!("{module}.{attribute}")))
        });
        self.missing.iter().cloned().chain(builtins).chain(of_modules).min_by_key(|(at, _)| *at)
    }

    /// Returns what a name stands for where it is read.
    fn meaning(&self, name: &str, scope: usize) -> Meaning<'a> {
        let mut next = Some(scope);
        while let Some(number) = next {
            let at = &self.scopes[number];
            next = at.outer;
            if at.is_class && number != scope {
                continue;
            }
            if at.bound.contains(name) {
                return Meaning::Own;
            }
            if let Some(module) = at.modules.get(name) {
                return Meaning::Module(module);
            }
        }
        Meaning::Builtin
    }

    fn bind(&mut self, name: &'a str) {
        self.scopes[self.here].bound.insert(name);
    }

    /// Walks a part of the source in a scope of its own.
    fn inside(&mut self, is_class: bool, walk: impl FnOnce(&mut Self)) {
        let outer = self.here;
        self.here = self.scopes.len();
        self.scopes.push(Scope { outer: Some(outer), is_class, ..Scope::default() });
        walk(self);
        self.here = outer;
    }

    fn lacks(&mut self, at: &impl Ranged, construct: impl Into<String>) {
        self.missing.push((at.start(), construct.into()));
    }

    fn statement(&mut self, statement: &'a Stmt) {
        let at = statement;
        match statement {
            Stmt::Delete(_) => self.lacks(at, "del"),
            Stmt::TypeAlias(_) => self.lacks(at, "a type alias"),
            Stmt::Match(_) => self.lacks(at, "match"),
            Stmt::For(of) if of.is_async => self.lacks(at, "async for"),
            Stmt::With(of) if of.is_async => self.lacks(at, "async with"),
            Stmt::AugAssign(of) if of.op.is_mat_mult() => self.lacks(at, "the operator @"),
            Stmt::Try(of) if of.is_star => self.lacks(at, "except*"),
            Stmt::ClassDef(of) => {
                self.bind(of.name.as_str());
                self.class(of);
            }
            Stmt::FunctionDef(of) => self.bind(of.name.as_str()),
            Stmt::Global(of) => {
                let names = of.names.iter().map(|name| name.as_str());
                self.scopes[0].bound.extend(names);
            }
            Stmt::For(of) => self.target(&of.target),
            Stmt::With(of) => {
                of.items
                    .iter()
                    .filter_map(|item| item.optional_vars.as_deref())
                    .for_each(|to| self.target(to));
            }
            Stmt::Assign(of) => of.targets.iter().for_each(|target| self.assigned(target)),
            Stmt::Import(of) => {
                for alias in &of.names {
                    let module = alias.name.as_str();
                    if lacks::module(module) {
                        self.lacks(alias, format!("the module {module}"));
                    }
                    let name = alias.asname.as_ref().map_or(module, |name| name.as_str());
                    self.scopes[self.here].modules.insert(name, module);
                }
            }
            Stmt::ImportFrom(of) => self.imported(of),
            _ => {}
        }
    }

    fn imported(&mut self, from: &'a ruff_python_ast::StmtImportFrom) {
        let module = from.module.as_ref().map_or("", |module| module.as_str());
        if from.level > 0 || module.is_empty() {
            return self.lacks(from, "a relative import");
        }
        if module == "__future__" {
            return;
        }
        if lacks::module(module) {
            return self.lacks(from, format!("the module {module}"));
        }
        for alias in &from.names {
            let name = alias.name.as_str();
            if name == "*" {
                self.lacks(from, "import *");
            } else if lacks::attribute(module, name) {
                self.lacks(alias, format!("{module}.{name}"));
            }
            self.bind(alias.asname.as_ref().map_or(name, |name| name.as_str()));
        }
    }

    fn class(&mut self, class: &'a ruff_python_ast::StmtClassDef) {
        if class.arguments.as_ref().is_some_and(|of| !of.args.is_empty() || !of.keywords.is_empty()) {
            self.lacks(class, "a class with a base or a metaclass");
        }
        for statement in &class.body {
            match statement {
                Stmt::FunctionDef(method) if !method.decorator_list.is_empty() => {
                    self.lacks(method, "a method with a decorator");
                }
                Stmt::Assign(of) if !matches!(of.targets.as_slice(), [Expr::Name(_)]) => {
                    self.lacks(of, "an assignment in a class to more than one name");
                }
                Stmt::AnnAssign(of) if of.value.is_some() && !of.target.is_name_expr() => {
                    self.lacks(of, "an assignment in a class to more than one name");
                }
                Stmt::Expr(of)
                    if of.value.is_string_literal_expr() || of.value.is_ellipsis_literal_expr() => {}
                Stmt::FunctionDef(_) | Stmt::Assign(_) | Stmt::AnnAssign(_) | Stmt::Pass(_) => {}
                other => self.lacks(other, "a statement in a class that is no method and no variable"),
            }
        }
    }

    /// Looks at what a `for` or a `with` binds.
    fn target(&mut self, target: &'a Expr) {
        if target.is_attribute_expr() || target.is_subscript_expr() {
            self.lacks(target, "a for or with that binds no name");
        }
    }

    /// Looks at what an assignment binds.
    fn assigned(&mut self, target: &'a Expr) {
        if let Expr::Subscript(of) = target
            && of.slice.is_slice_expr()
        {
            self.lacks(target, "an assignment to a slice");
        }
    }

    fn expression(&mut self, expression: &'a Expr) {
        let at = expression;
        match expression {
            Expr::Yield(_) => self.lacks(at, "yield"),
            Expr::YieldFrom(_) => self.lacks(at, "yield from"),
            Expr::TString(_) => self.lacks(at, "a template string"),
            Expr::NumberLiteral(of) if matches!(of.value, Number::Complex { .. }) => {
                self.lacks(at, "a complex number");
            }
            Expr::Name(of) if of.ctx.is_load() => self.read.push((of.start(), of.id.as_str(), self.here)),
            Expr::Name(of) => self.bind(of.id.as_str()),
            Expr::BinOp(of) if of.op.is_mat_mult() => self.lacks(at, "the operator @"),
            Expr::Attribute(of) => {
                if let Expr::Name(name) = of.value.as_ref() {
                    self.attributes.push((of.start(), name.id.as_str(), of.attr.as_str(), self.here));
                }
            }
            Expr::Call(of) if of.arguments.keywords.iter().filter(|of| of.arg.is_none()).count() > 1 => {
                self.lacks(at, "a call with two **");
            }
            _ => {}
        }
    }
}

/// Returns true if a handler catches the error of an import.
fn catches_imports(handler: &ExceptHandler) -> bool {
    const CAUGHT: [&str; 3] = ["ImportError", "ModuleNotFoundError", "Exception"];
    let ExceptHandler::ExceptHandler(handler) = handler;
    let is_caught = |kind: &Expr| matches!(kind, Expr::Name(name) if CAUGHT.contains(&name.id.as_str()));
    match handler.type_.as_deref() {
        None => true,
        Some(Expr::Tuple(kinds)) => kinds.elts.iter().any(is_caught),
        Some(kind) => is_caught(kind),
    }
}

impl<'a> SourceOrderVisitor<'a> for Finder<'a> {
    fn enter_node(&mut self, node: AnyNodeRef<'a>) -> TraversalSignal {
        match node {
            AnyNodeRef::Parameter(of) => self.bind(of.name.as_str()),
            AnyNodeRef::Comprehension(of) if of.is_async => self.lacks(of, "an async comprehension"),
            AnyNodeRef::ExceptHandlerExceptHandler(of) => {
                if let Some(name) = &of.name {
                    self.bind(name.as_str());
                }
            }
            _ => {}
        }
        TraversalSignal::Traverse
    }

    fn visit_stmt(&mut self, statement: &'a Stmt) {
        self.statement(statement);
        let walk = |finder: &mut Self| ruff_python_ast::visitor::source_order::walk_stmt(finder, statement);
        match statement {
            Stmt::FunctionDef(_) => self.inside(false, walk),
            Stmt::ClassDef(_) => self.inside(true, walk),
            // An import that may fail is looked at when it does.
            Stmt::Try(of) if of.handlers.iter().any(catches_imports) => {
                let kept = self.missing.len();
                walk(self);
                let end = of.body.last().map_or(of.start(), Ranged::end);
                let guarded = |(at, what): &(TextSize, String)| {
                    *at < end && (what.starts_with("the module ") || what.contains('.'))
                };
                let found = self.missing.split_off(kept);
                self.missing.extend(found.into_iter().filter(|found| !guarded(found)));
            }
            _ => walk(self),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        self.expression(expression);
        let walk = |finder: &mut Self| ruff_python_ast::visitor::source_order::walk_expr(finder, expression);
        match expression {
            Expr::Lambda(_)
            | Expr::ListComp(_)
            | Expr::SetComp(_)
            | Expr::DictComp(_)
            | Expr::Generator(_) => {
                self.inside(false, walk);
            }
            _ => walk(self),
        }
    }

    fn visit_annotation(&mut self, _expression: &'a Expr) {
        // Annotations are never evaluated.
    }
}
