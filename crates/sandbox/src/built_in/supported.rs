//! The first part of a source that the built-in interpreter lacks, found in the syntax tree before anything is run.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, TraversalSignal};
use ruff_python_ast::{AnyNodeRef, Expr, Number, Stmt};
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

/// Everything in a source that may be missing, and the names that the source binds itself.
#[derive(Default)]
struct Finder<'a> {
    missing: Vec<(TextSize, String)>,
    /// The names under which modules were imported.
    modules: BTreeMap<&'a str, &'a str>,
    /// The names that the source binds in any other way: those are what it says, and no module and no builtin.
    bound: BTreeSet<&'a str>,
    /// The names that are read.
    read: Vec<(TextSize, &'a str)>,
    /// The attributes that are read of names.
    attributes: Vec<(TextSize, &'a str, &'a str)>,
}

impl<'a> Finder<'a> {
    fn first(self) -> Option<(TextSize, String)> {
        let Self { mut missing, modules, bound, read, attributes } = self;
        let builtins = read.into_iter().filter(|(_, name)| {
            !bound.contains(name) && !modules.contains_key(name) && lacks::BUILTINS.contains(name)
        });
        missing.extend(builtins.map(|(at, name)| (at, format!("the builtin {name}"))));
        let of_modules = attributes.into_iter().filter_map(|(at, name, attribute)| {
            let module = modules.get(name).filter(|_| !bound.contains(name))?;
            lacks::attribute(module, attribute).then(|| (at, format!("{module}.{attribute}")))
        });
        missing.extend(of_modules);
        missing.into_iter().min_by_key(|(at, _)| *at)
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
            Stmt::Try(of) if of.is_star => self.lacks(at, "except*"),
            Stmt::ClassDef(of) => {
                self.bound.insert(of.name.as_str());
                self.class(of);
            }
            Stmt::FunctionDef(of) => {
                self.bound.insert(of.name.as_str());
            }
            Stmt::Import(of) => {
                for alias in &of.names {
                    let module = alias.name.as_str();
                    if lacks::module(module) {
                        self.lacks(alias, format!("the module {module}"));
                    }
                    self.modules.insert(alias.asname.as_ref().map_or(module, |name| name.as_str()), module);
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
            self.bound.insert(alias.asname.as_ref().map_or(name, |name| name.as_str()));
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

    fn expression(&mut self, expression: &'a Expr) {
        let at = expression;
        match expression {
            Expr::Yield(_) => self.lacks(at, "yield"),
            Expr::YieldFrom(_) => self.lacks(at, "yield from"),
            Expr::TString(_) => self.lacks(at, "a template string"),
            Expr::NumberLiteral(of) if matches!(of.value, Number::Complex { .. }) => {
                self.lacks(at, "a complex number");
            }
            Expr::Name(of) if of.ctx.is_load() => self.read.push((of.start(), of.id.as_str())),
            Expr::Name(of) => {
                self.bound.insert(of.id.as_str());
            }
            Expr::Attribute(of) => {
                if let Expr::Name(name) = of.value.as_ref() {
                    self.attributes.push((of.start(), name.id.as_str(), of.attr.as_str()));
                }
            }
            Expr::Call(of) if of.arguments.keywords.iter().filter(|of| of.arg.is_none()).count() > 1 => {
                self.lacks(at, "a call with two **");
            }
            _ => {}
        }
    }
}

impl<'a> SourceOrderVisitor<'a> for Finder<'a> {
    fn enter_node(&mut self, node: AnyNodeRef<'a>) -> TraversalSignal {
        match node {
            AnyNodeRef::Parameter(of) => {
                self.bound.insert(of.name.as_str());
            }
            AnyNodeRef::Comprehension(of) if of.is_async => self.lacks(of, "an async comprehension"),
            AnyNodeRef::ExceptHandlerExceptHandler(of) => {
                self.bound.extend(of.name.as_ref().map(|name| name.as_str()));
            }
            _ => {}
        }
        TraversalSignal::Traverse
    }

    fn visit_stmt(&mut self, statement: &'a Stmt) {
        self.statement(statement);
        ruff_python_ast::visitor::source_order::walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        self.expression(expression);
        ruff_python_ast::visitor::source_order::walk_expr(self, expression);
    }

    fn visit_annotation(&mut self, _expression: &'a Expr) {
        // Annotations are never evaluated.
    }
}
