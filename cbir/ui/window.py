"""The window: puts its parts together and hands events to them."""

from __future__ import annotations

import gc
import time
import tkinter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import ttkbootstrap as ttk

from cbir.config import Settings
from cbir.describe import describe_repair, describe_verify
from cbir.language import _
from cbir.ui.actions.cache import ClearCache
from cbir.ui.actions.commands import (
    UNDO,
    Acting,
    WindowCommands,
    record_menu,
    shortcuts,
    window_menus,
)
from cbir.ui.actions.comparing import Comparing
from cbir.ui.actions.context import Context
from cbir.ui.actions.duplicates import DuplicateActions
from cbir.ui.actions.evaluating import Evaluating
from cbir.ui.actions.export import ExportActions
from cbir.ui.actions.files import FileActions
from cbir.ui.actions.indexing import Indexing
from cbir.ui.actions.libraries import Libraries
from cbir.ui.actions.locating import LocateFolder
from cbir.ui.actions.map import MapLink
from cbir.ui.actions.map_selection import MapSelection
from cbir.ui.actions.models import ModelsDialog
from cbir.ui.actions.narrowing import Narrowing
from cbir.ui.actions.preferences import PreferencesActions
from cbir.ui.actions.query import QueryActions
from cbir.ui.actions.records import RecordActions
from cbir.ui.actions.results import Results
from cbir.ui.actions.resuming import Resuming
from cbir.ui.actions.statistics import StatisticsActions
from cbir.ui.actions.trouble import SearchTrouble, WaysOut
from cbir.ui.actions.view import ViewActions
from cbir.ui.actions.viewing import Viewing
from cbir.ui.actions.watching import Watching
from cbir.ui.bare_root import BareRoot
from cbir.ui.closing import Closing
from cbir.ui.details.panel import Looking
from cbir.ui.drop import DropAreas, accept_drops
from cbir.ui.frame import WindowFrame
from cbir.ui.grid.events import GridEvents
from cbir.ui.help import SHORTCUTS, Help
from cbir.ui.instance import Doorbell
from cbir.ui.jobs import JobBook
from cbir.ui.layout import Layout, LayoutEvents
from cbir.ui.map.events import MapEvents
from cbir.ui.menus import MenuBar, is_typing, pop_up
from cbir.ui.poller import Poller
from cbir.ui.query.bar import QueryBarEvents
from cbir.ui.state import WindowState, save_state, start_state
from cbir.ui.thumbnail_desk import ThumbnailDesk
from cbir.ui.widgets import dialogs
from cbir.ui.widgets.text import shown
from cbir.ui.widgets.throttle import Throttle
from cbir.work.engine import Engine
from cbir.work.facts import LibraryFacts, RepairReport, VerifyReport, library_facts
from cbir.work.messages import Event, FilesChanged, LibraryChanged, Notice, Summoned, ThumbnailReady
from cbir.work.searching import SearchRequest

_FACTS_MS = 500
_JOBS_SECONDS = 0.1


class Window:
    """The program's window on ``root``, over an engine; ``start`` opens the library and polls.

    ``close_wanted`` set from a signal handler closes it at the next tick.
    """

    def __init__(self, root: ttk.App, engine: Engine) -> None:
        self.root = root
        self.close_wanted = False
        self._bare = BareRoot(root)
        state = start_state(engine.settings)
        self.frame = WindowFrame(root, state, engine.settings.library)
        self._build(engine, state)

    def _build(self, engine: Engine, state: WindowState) -> None:
        """Make all parts, over this engine: nothing of them outlives their library."""
        root = self.root
        self.engine = engine
        self._wanted_space = ""
        self._context_menu: ttk.Menu | None = None
        self._folder: str | None = None
        self._doorbell: Doorbell | None = None
        self._jobs_to_show = True
        self._jobs_due = 0.0  # by time.monotonic
        self.help = Help(root, engine.settings, lambda: self.closing.begun)
        self.jobs = JobBook(self.help.show_error, self._jobs_changed, self._job_began)
        self.context = Context(root, engine, self.jobs, state, self.help.show_error)
        self.poller = Poller(
            root, engine.outbox, self._on_event, busy=self._is_busy, each_tick=self._each_tick
        )
        self._facts_throttle = Throttle(root, _FACTS_MS, self._ask_facts)
        self._make_parts()
        self._make_layout(state)
        self.closing = Closing(
            root, engine, self.poller, self._save, lambda: self.records.unwritten
        )

    # -- putting it together ----------------------------------------------------------------------

    def _make_parts(self) -> None:
        context = self.context
        self.libraries = Libraries(context, self.switch)
        self.models = ModelsDialog(context, self.models_changed)
        self.indexing = Indexing(context, self._indexing_began, self._indexed)
        self.watching = Watching(context, self._indexed)
        self.resuming = Resuming(context, self.indexing, self.watching.wanted.get)
        ways = WaysOut(
            index_folder=self.indexing.choose_folder,
            index_space=self.index_space,
            models=self.models.show,
            help=self._show_help,
            takes_drops=lambda: self._takes_drops,
            repair=self.repair,
            open_library=self.libraries.open,
            open_image=self._open_image,
            indexing=lambda: self.indexing.busy or self._folder is not None,
            space_under_way=lambda: self._wanted_space,
        )
        self.map_link = MapLink(context)
        self.trouble = SearchTrouble(context, ways)
        self.results = Results(
            context, self.map_link, self.trouble, self._other_records, self._asked
        )
        self.records = RecordActions(context, self.results, self.map_link)
        self.files = FileActions(context, self.records)
        self.export = ExportActions(context, self.results, self.records)
        self.viewing = Viewing(context, self.results, self.records)
        self.duplicates = DuplicateActions(context, self.results, self.records, self.files)
        self.query = QueryActions(context, self.results, self.indexing)
        self.comparing = Comparing(context, self.results, self.records, self.trouble)
        self.narrowing = Narrowing(context, self.results)
        self.evaluating = Evaluating(context, self.results, self.indexing)
        self.statistics = StatisticsActions(context, self.results)
        self.view = ViewActions(context)
        self.locating = LocateFolder(context, self.records.undo, self.results.catch_up)
        self.map_selection = MapSelection(
            context, self.results, self.records, self.indexing, self.view.show_map
        )
        self.acting = Acting(
            self.records, self.files, self.viewing, self.query, self.export, self.map_selection
        )
        self.preferences = PreferencesActions(context, self.view, self.results)

    def _make_layout(self, state: WindowState) -> None:
        query_bar = QueryBarEvents(
            on_words=self.query.search_words,
            on_terms=self.query.set_terms,
            on_copy=self.query.copy_text,
            on_edit=self.query.edit_text,
            on_back=self.query.back,
            on_forward=self.query.forward,
            on_open=self.query.open_image,
            on_clear=self.query.clear,
            on_metric=self.results.set_metric,
            on_space=self.results.set_space,
            on_results=self.results.set_results,
            on_thumbnail=self.view.set_thumbnail,
            on_compare=self.comparing.toggle,
        )
        grid = GridEvents(
            on_select=self.records.select,
            on_similar=self.records.find_similar,
            on_open=self.files.open,
            on_menu=self._pop_up,
            on_delete=self.records.remove,
            on_copy_path=self.files.copy_path,
            on_preview=self.viewing.open,
            on_stack=self.results.toggle_stack,
            on_copy_files=self.files.copy_files,
            on_rename=self.files.rename,
            on_trash=self.files.trash,
            on_feedback=self.query.feedback,
        )
        events = LayoutEvents(
            query_bar=query_bar,
            on_filter=self.narrowing.choose_filter,
            ask_folder=self._ask_folder,
            on_order=self.narrowing.choose_order,
            on_similar_enough=self.narrowing.choose_similar,
            grid=grid,
            map=MapEvents(
                self.map_selection.select,
                self.map_selection.choose,
                self.map_selection.save,
                self.map_link.colour_by,
            ),
            on_similar=self.records.find_similar,
            on_delete=self.records.remove,
            on_delete_selected=self.records.remove,
            on_edit=self.records.edit,
            on_locate=self.files.locate,
            on_copy=self.records.go_to,
            looking=Looking(
                on_view=self.viewing.open,
                on_why=self.viewing.why,
                on_go=self.records.look_at,
                on_typing_tag=self.records.want_tags,
            ),
            on_skipped=self.indexing.show_skipped,
        )
        desk = ThumbnailDesk(self.engine.thumbnails)
        self.layout = self.context.layout = Layout(self.root, state, desk, events)
        self.view.follow_wheel()
        self.comparing.give_way()
        self._make_menus()
        self.root.protocol("WM_DELETE_WINDOW", self.close)
        self.root.bind("<slash>", self._slash)
        self.query.past.show_recent()
        self.layout.query_bar.words.entry.bind("<<Paste>>", self._paste)
        areas = DropAreas(
            self.layout.query_bar,
            self.layout.panes,
            may_add=lambda: bool(self.query.terms),
            may_index=lambda: not self.context.facts.read_only,
        )
        self._takes_drops = accept_drops(self.root, areas, self.query.dropped)

    def _make_menus(self) -> None:
        commands = WindowCommands(
            libraries=self.libraries,
            models=self.models.show,
            filters=self.narrowing.toggle_filters,
            duplicates=self.duplicates.show,
            verify=self.verify,
            clear_cache=ClearCache(self.context).ask,
            quit=self.close,
            larger=self.view.larger,
            smaller=self.view.smaller,
            theme=self.view.theme_chosen,
            parts=self.view.parts_chosen,
            compare=self.comparing.toggle,
            collapse=self._collapse_chosen,
            evaluate=self.evaluating.show,
            preferences=self.preferences.show,
            statistics=self.statistics.show,
            locate_folder=self.locating.show,
            help=self._show_help,
            shortcuts=lambda: self._show_help(SHORTCUTS),
            log=self.help.show_log,
            about=self.help.show_about,
        )
        self._menus = window_menus(
            commands, self.indexing, self.watching, self.acting, self.view.choices
        )
        self.menu_bar = MenuBar(self.root, self._menus)

    def _show_help(self, title: str = "") -> None:
        self.help.show(shortcuts(self._menus), title)

    def _ask_folder(self) -> str | None:
        return self.context.choosers.folder(self.root, _("Show only pictures below this folder"))

    def _collapse_chosen(self) -> None:
        self.results.set_collapse(self.view.choices.collapse.get())

    def _open_image(self) -> None:
        self.query.open_image()

    def _asked(self, request: SearchRequest) -> None:
        self.query.past.asked(request)

    def _paste(self, _event: object) -> str | None:
        """A picture on the clipboard is searched by; text goes into the entry, as usual."""
        return "break" if self.query.paste_picture() else None

    def _other_records(self, same_view: bool) -> None:
        self.map_selection.follow()
        self.records.keep_selection(same_view)
        self.comparing.follow(same_view)
        self.viewing.follow()

    # -- life -------------------------------------------------------------------------------------

    def start(self, folder: str | None = None) -> None:
        """Show the window, open the library, and index ``folder`` as soon as that is done."""
        self._folder = folder
        self.poller.start()
        self._doorbell = Doorbell(self.engine.settings, self.engine.outbox)
        self.jobs.watch(self.engine.open(), self._opened, failed=self.trouble.library_closed)
        self.root.deiconify()
        self.root.after_idle(self.layout.start_map)
        self.view.system.look()
        if self.engine.settings.problems:
            problems = "\n\n".join(map(shown, self.engine.settings.problems))
            dialogs.tell(self.root, _("Settings"), problems)

    def _opened(self, _library: object) -> None:
        self.libraries.opened()
        self.results.library_changed()  # first, to be seen first
        self._facts_throttle.poke()

    @property
    def quiet(self) -> bool:
        """Whether nothing is under way, nor about to begin by itself; the map may redraw yet."""
        listing = self._facts_throttle.waiting or self.results.listing_due
        return not (self.jobs.busy or listing or self.map_link.waiting)

    def close(self) -> None:
        """Close the window: what was finished stays."""
        self._silence_doorbell()
        self.closing.begin()

    def _silence_doorbell(self) -> None:
        if self._doorbell is not None:  # another start opens a window of its own from now on
            self._doorbell.close()

    def switch(self, library: Path) -> None:
        """Let go of this library as closing does, then go on with another one."""
        settings = replace(self.engine.settings, library=library, problems=())
        self._silence_doorbell()
        self.context.say(_("Closing the library…"))
        self.closing.begin(partial(self._go_on, settings))

    def _go_on(self, settings: Settings) -> None:
        """The old library is closed and its workers have ended: begin anew, with loaded models."""
        engine = Engine(settings, models=self.engine.models)
        choosers = self.context.choosers
        self._bare.restore()
        self._build(engine, start_state(settings))
        self.context.choosers = choosers
        self.frame.show_library(settings.library)
        gc.collect()  # what is left of Tk's objects ends here, on the main thread
        self.start()

    def _save(self) -> None:
        self.viewing.close()
        self.duplicates.close()
        self.layout.inspector.save()
        sashes = self.layout.remember_sashes()
        state = replace(
            self.frame.remember(self.context.state), side=sashes.side, map_share=sashes.map_share
        )
        self.query.past.save()
        save_state(self.engine.settings.window_file, state)

    # -- events -----------------------------------------------------------------------------------

    def _on_event(self, event: Event) -> None:
        if self.closing.stopped:
            return
        if isinstance(event, ThumbnailReady):
            self.layout.thumbnail_ready(event)
            self.viewing.thumbnail_ready(event)
            self.duplicates.thumbnail_ready(event)
        elif isinstance(event, LibraryChanged):
            self._facts_throttle.poke()
            self.results.library_changed()
            self.duplicates.library_changed()
        elif isinstance(event, Notice):
            dialogs.tell(self.root, _("Please note"), event.text)
        elif isinstance(event, Summoned):
            self._summoned(event.folder)
        elif isinstance(event, FilesChanged):
            self.watching.files_changed(event)
        else:
            self.jobs.handle(event)

    def _summoned(self, folder: str | None) -> None:
        """Another start asked for this window."""
        self.frame.raise_window()
        if folder is not None:
            self.indexing.index([folder])

    def _jobs_changed(self) -> None:
        self._jobs_to_show = True

    def _job_began(self) -> None:
        self.poller.hurry()

    def _is_busy(self) -> bool:
        return self.jobs.busy or self.closing.begun

    def _each_tick(self) -> None:
        if self.close_wanted:
            self.close()
        if not self.closing.begun and (self._jobs_to_show or self.jobs.shown):
            self._show_jobs()

    def _show_jobs(self) -> None:
        """Tell of the jobs, though not after each of many short Calls: it takes milliseconds."""
        now = time.monotonic()
        if now >= self._jobs_due:
            self._jobs_due = now + _JOBS_SECONDS
            self._jobs_to_show = False
            self.layout.status.show_jobs(self.jobs.shown)
            self.frame.show_percent(self.jobs.percent)

    # -- the library ------------------------------------------------------------------------------

    def _ask_facts(self, then: Callable[[], None] = lambda: None) -> None:
        models = self.engine.settings.models

        def known(facts: LibraryFacts) -> None:
            self._facts_known(facts)
            then()

        job = self.engine.ask(_("Look"), lambda library: library_facts(library, models))
        self.jobs.watch(job, known)

    def _facts_known(self, facts: LibraryFacts) -> None:
        changed = facts.version != self.context.facts.version
        told = facts.notice == self.context.facts.notice
        self.context.facts = facts
        self.layout.show_facts(facts)
        self.menu_bar.show_read_only(facts.read_only)
        self.menu_bar.relabel(
            UNDO,
            f"{UNDO}: {facts.undoable}" if facts.undoable else UNDO,
            enabled=bool(facts.undoable) and not facts.read_only,
        )
        self.frame.show_read_only(facts.read_only)
        self.duplicates.facts_changed()
        self.results.facts_changed()
        self.narrowing.facts_changed()
        if changed:
            self.map_link.library_changed()
        if facts.notice and not told:
            dialogs.tell(self.root, _("Library"), facts.notice)
        self.indexing.facts_changed()
        self.locating.facts_changed()
        self.resuming.facts_changed(self._folder)
        self.watching.facts_changed()
        if self._folder is not None:  # it waited for the library to be known
            folder, self._folder = self._folder, None
            self.indexing.index([folder])

    def models_changed(self) -> None:
        """Weights came or went: see which spaces can be used now."""
        self._facts_throttle.now()

    def index_space(self, space: str) -> None:
        """Compute the vectors of a space for the whole library, then compare in it."""
        if self.indexing.complete(space):
            self._wanted_space = space
            self.trouble.space_under_way(space, self.results.show_again)

    def _indexing_began(self) -> None:
        self.results.leave_unreadable_query()
        if not self.results.records:
            self.results.library_changed()

    def _indexed(self, sentence: str) -> None:
        self._ask_facts(lambda: self._catch_up(sentence))

    def _catch_up(self, sentence: str) -> None:
        """The library is known as indexing left it: show that, in the space asked for, if any."""
        space = ""
        if not self.indexing.busy:
            space, self._wanted_space = self._wanted_space, ""
        if space and not self.context.facts.space(space).vectors:
            space = ""
            self.results.show_again()  # it was not to be: a message stands over what was in view
        if space or not self.results.is_current(self.context.facts.version):
            self.results.catch_up(sentence, space)

    def verify(self) -> None:
        """Check the library file, and tell what was found."""
        self.jobs.watch(self.engine.verify(), self._verified, title=_("Verifying"), shown=True)

    def repair(self) -> None:
        """Save what is whole of a damaged library into a new file, and tell what was saved."""
        self.jobs.watch(self.engine.repair(), self._repaired, title=_("Repairing"), shown=True)

    def _repaired(self, report: RepairReport) -> None:
        dialogs.tell(self.root, _("Saved what is whole"), describe_repair(report))

    def _verified(self, report: VerifyReport) -> None:
        dialogs.tell(self.root, _("Verify library"), describe_verify(report))

    # -- small things -----------------------------------------------------------------------------

    def _pop_up(self, _record_id: int, x: int, y: int) -> None:
        entries = record_menu(self.acting)
        if self._context_menu is not None:
            self._context_menu.destroy()
        read_only = self.context.facts.read_only
        self._context_menu = pop_up(self.root, entries, x, y, read_only=read_only)

    def _slash(self, event: tkinter.Event[tkinter.Misc]) -> str | None:
        if is_typing(event.widget):
            return None
        self.query.type_words()
        return "break"
