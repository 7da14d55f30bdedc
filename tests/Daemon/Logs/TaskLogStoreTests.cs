using System.Text;
using Microsoft.Extensions.Time.Testing;
using Queued.Broker;
using Queued.Daemon.Logs;

namespace Queued.Daemon.Tests.Logs;

public sealed class TaskLogStoreTests
{
    private const int Quota = 64 * 1024;
    private const long Budget = 256 * 1024;

    private static readonly WorkerId Worker = new(1);

    private readonly FakeTimeProvider _time = new();
    private readonly TaskLogStore _logs;

    public TaskLogStoreTests() => _logs = new TaskLogStore(Quota, Budget, _time);

    [Fact]
    public async Task Output_is_the_attempt_s_that_the_worker_runs()
    {
        _logs.Begin(Worker, Attempt(1), slots: 1);
        Write("one");
        _logs.End(Worker, Attempt(1));
        Write("nobody's");
        _logs.Begin(Worker, Attempt(2), slots: 1);
        Write("two");

        Assert.Equal("one", await ReadTextAsync(1));
        Assert.Equal("two", await ReadTextAsync(2));
    }

    [Fact]
    public async Task Of_assignments_given_ahead_only_the_first_runs()
    {
        _logs.Begin(Worker, Attempt(1), slots: 1);
        _logs.Begin(Worker, Attempt(2), slots: 1);
        Write("one");
        _logs.End(Worker, Attempt(1));
        Write("two");

        Assert.Equal("one", await ReadTextAsync(1));
        Assert.Equal("two", await ReadTextAsync(2));
    }

    [Fact]
    public async Task Output_of_a_worker_that_runs_several_is_nobody_s()
    {
        _logs.Begin(Worker, Attempt(1), slots: 2);
        _logs.Begin(Worker, Attempt(2), slots: 2);
        Write("whose?");
        _logs.Log(Worker, Attempt(2), "mine");

        Assert.Equal("", await ReadTextAsync(1));
        Assert.Equal("mine\n", await ReadTextAsync(2));
    }

    [Fact]
    public async Task While_an_attempt_waits_the_output_is_that_of_the_one_in_its_slot()
    {
        _logs.Begin(Worker, Attempt(1), slots: 1);
        _logs.SetWaiting(Worker, Attempt(1), waiting: true);
        _logs.Begin(Worker, Attempt(2), slots: 1);
        Write("child");
        _logs.End(Worker, Attempt(2));
        _logs.SetWaiting(Worker, Attempt(1), waiting: false);
        Write("parent");

        Assert.Equal("parent", await ReadTextAsync(1));
        Assert.Equal("child", await ReadTextAsync(2));
    }

    [Fact]
    public async Task Lines_of_an_attempt_that_the_worker_does_not_hold_are_dropped()
    {
        _logs.Begin(Worker, Attempt(1), slots: 1);
        _logs.Log(new WorkerId(2), Attempt(1), "not mine");
        _logs.Log(Worker, Attempt(1, 2), "not yet");

        Assert.Equal("", await ReadTextAsync(1));
    }

    [Fact]
    public async Task A_long_line_is_cut()
    {
        _logs.Begin(Worker, Attempt(1), slots: 1);
        _logs.Log(Worker, Attempt(1), new string('é', 100 * 1024));

        var pieces = await ReadAsync(1);
        var bytes = pieces.SelectMany(piece => piece.Data.ToArray()).Count() + pieces.Sum(piece => piece.DroppedBytes);
        Assert.Equal(TaskLogStore.LineBytesMax, bytes);
    }

    [Fact]
    public async Task Above_the_quota_the_beginning_and_the_end_stay_and_the_rest_is_counted()
    {
        _logs.Begin(Worker, Attempt(1), slots: 1);
        var written = Enumerable.Range(0, 40_000).Select(i => $"{i:D6}\n").ToArray();
        Write(written[0]);
        _time.Advance(TaskLogStore.FirstFollowerWait);
        foreach (var line in written.Skip(1)) Write(line);

        var pieces = await ReadAsync(1);
        var text = string.Concat(pieces.Select(piece => Encoding.UTF8.GetString(piece.Data.Span)));
        Assert.StartsWith("000000\n000001\n", text, StringComparison.Ordinal);
        Assert.EndsWith("039999\n", text, StringComparison.Ordinal);
        Assert.InRange(text.Length, Quota / 2, Quota);
        Assert.Equal(written.Length * 7, text.Length + pieces.Sum(piece => piece.DroppedBytes));
        var gap = Assert.Single(pieces, piece => piece.DroppedBytes > 0);
        Assert.True(gap.DroppedBytes > Quota);
    }

    [Fact]
    public async Task Above_the_budget_the_oldest_finished_attempts_go()
    {
        for (var task = 1UL; task <= 8; task++)
        {
            _logs.Begin(Worker, Attempt(task), slots: 1);
            Write(new string((char)('a' + task), Quota - 8192));
            _logs.End(Worker, Attempt(task));
            Assert.InRange(_logs.HeldBytes, 1, Budget);
        }

        Assert.Equal("", await ReadTextAsync(1));
        Assert.NotEqual("", await ReadTextAsync(8));
    }

    [Fact]
    public async Task When_only_running_attempts_are_left_the_writer_drops_its_own()
    {
        for (var worker = 1UL; worker <= 16; worker++)
        {
            _logs.Begin(new WorkerId(worker), Attempt(worker), slots: 1);
            for (var i = 0; i < 16; i++)
            {
                _logs.Output(new WorkerId(worker), LogSource.Stderr, Encoding.UTF8.GetBytes(new string('x', 4096)));
                Assert.InRange(_logs.HeldBytes, 1, Budget);
            }
        }

        Assert.Equal(16 * 4096, (await ReadAsync(1)).Sum(piece => piece.Data.Length + piece.DroppedBytes));
    }

    [Fact]
    public async Task A_forgotten_task_s_output_is_gone_and_its_memory_too()
    {
        _logs.Begin(Worker, Attempt(1), slots: 1);
        Write("something");
        _logs.End(Worker, Attempt(1));
        _logs.Forget(new TaskId(1));

        Assert.Equal("", await ReadTextAsync(1));
        Assert.Equal(0, _logs.HeldBytes);
    }

    [Fact]
    public async Task A_reader_that_follows_hears_what_comes_and_ends_with_the_task()
    {
        var ended = new TaskCompletionSource();
        _logs.Begin(Worker, Attempt(1), slots: 1);
        Write("first");
        await using var reader = _logs.ReadAsync(new TaskId(1), 0, ended.Task, default).GetAsyncEnumerator();

        Assert.True(await reader.MoveNextAsync());
        Assert.Equal("first", Encoding.UTF8.GetString(reader.Current.Data.Span));

        var next = reader.MoveNextAsync().AsTask();
        Write("second");
        Assert.True(await next);
        Assert.Equal("second", Encoding.UTF8.GetString(reader.Current.Data.Span));

        next = reader.MoveNextAsync().AsTask();
        Write("last");
        ended.SetResult();
        Assert.True(await next);
        Assert.Equal("last", Encoding.UTF8.GetString(reader.Current.Data.Span));
        Assert.False(await reader.MoveNextAsync());
    }

    [Fact]
    public async Task A_slow_reader_is_told_what_it_missed_and_holds_nobody_up()
    {
        var ended = new TaskCompletionSource();
        _logs.Begin(Worker, Attempt(1), slots: 1);
        await using var reader = _logs.ReadAsync(new TaskId(1), 0, ended.Task, default).GetAsyncEnumerator();
        var first = reader.MoveNextAsync().AsTask();
        Write("x");
        Assert.True(await first);
        for (var i = 0; i < 100; i++) Write(new string('y', 4096));
        ended.SetResult();

        var (seen, dropped) = (1L, 0L);
        while (await reader.MoveNextAsync())
        {
            seen += reader.Current.Data.Length;
            dropped += reader.Current.DroppedBytes;
        }

        Assert.True(dropped > 0);
        Assert.Equal(1 + (100 * 4096), seen + dropped);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(int.MaxValue)]
    public async Task A_writer_waits_for_a_follower_that_lags_and_nothing_is_lost(int piecesAtOnce)
    {
        var ended = new TaskCompletionSource();
        _logs.Begin(Worker, Attempt(1), slots: 1);
        await using var reader = _logs.ReadAsync(new TaskId(1), 0, ended.Task, default).GetAsyncEnumerator();
        var next = reader.MoveNextAsync().AsTask();
        var (written, read) = (0, 0);
        while (written < 8 * Budget)
        {
            // A pipe holds that much when its reader stops, and all of it comes with the end of the process.
            for (; !_logs.MustWait(Worker); written += 64 * 1024) Write(new string('z', 64 * 1024));
            for (var i = 0; i < piecesAtOnce && read < written; i++, next = reader.MoveNextAsync().AsTask())
            {
                Assert.True(await next);
                Assert.Equal(0, reader.Current.DroppedBytes);
                read += reader.Current.Data.Length;
            }
        }

        ended.SetResult();
        while (await next)
        {
            read += reader.Current.Data.Length;
            next = reader.MoveNextAsync().AsTask();
        }

        Assert.Equal(written, read);
    }

    [Fact]
    public async Task A_writer_waits_for_a_follower_that_does_not_read_only_so_long()
    {
        var ended = new TaskCompletionSource();
        _logs.Begin(Worker, Attempt(1), slots: 1);
        await using var reader = _logs.ReadAsync(new TaskId(1), 0, ended.Task, default).GetAsyncEnumerator();
        var next = reader.MoveNextAsync().AsTask();
        var written = WriteUntilWaiting();
        _time.Advance(TaskLogStore.FollowerWait - TimeSpan.FromTicks(1));
        Assert.True(_logs.MustWait(Worker));
        _time.Advance(TimeSpan.FromTicks(1));
        for (var i = 0; i < 100; i++)
        {
            Assert.False(_logs.MustWait(Worker));
            Write(new string('y', 4096));
            written += 4096;
        }

        // It reads again, is told what it missed, and from then on is waited for again.
        var (read, dropped) = (0L, 0L);
        for (; read + dropped < written; next = reader.MoveNextAsync().AsTask())
        {
            Assert.True(await next);
            read += reader.Current.Data.Length;
            dropped += reader.Current.DroppedBytes;
        }

        Assert.True(dropped > 0);
        WriteUntilWaiting();
        ended.SetResult();
        while (await next) next = reader.MoveNextAsync().AsTask();
    }

    [Fact]
    public async Task A_follower_that_comes_a_little_late_misses_nothing()
    {
        _logs.Begin(Worker, Attempt(1), slots: 1);
        var written = WriteUntilWaiting();
        await using var reader =
            _logs.ReadAsync(new TaskId(1), 0, new TaskCompletionSource().Task, default).GetAsyncEnumerator();
        for (var read = 0; read < written; read += reader.Current.Data.Length)
        {
            Assert.True(await reader.MoveNextAsync());
            Assert.Equal(0, reader.Current.DroppedBytes);
        }

        Assert.False(_logs.MustWait(Worker));
    }

    [Fact]
    public void Where_nobody_follows_the_writer_soon_waits_no_more()
    {
        _logs.Begin(Worker, Attempt(1), slots: 1);
        WriteUntilWaiting();
        _time.Advance(TaskLogStore.FirstFollowerWait);
        for (var i = 0; i < 100; i++)
        {
            Assert.False(_logs.MustWait(Worker));
            Write(new string('y', 4096));
            Assert.InRange(_logs.HeldBytes, 1, Budget);
        }
    }

    [Fact]
    public async Task One_attempt_can_be_read_alone()
    {
        _logs.Begin(Worker, Attempt(1), slots: 1);
        Write("first");
        _logs.EndWorker(Worker);
        _logs.Begin(new WorkerId(2), Attempt(1, 2), slots: 1);
        _logs.Output(new WorkerId(2), LogSource.Stderr, "second"u8);

        Assert.Equal("firstsecond", await ReadTextAsync(1));
        Assert.Equal("second", await ReadTextAsync(1, attempt: 2));
        Assert.Equal(LogSource.Stderr, (await ReadAsync(1, attempt: 2))[0].Source);
    }

    private static AttemptId Attempt(ulong task, uint attempt = 1) => new(new TaskId(task), attempt);

    private void Write(string text) => _logs.Output(Worker, LogSource.Stdout, Encoding.UTF8.GetBytes(text));

    private int WriteUntilWaiting()
    {
        var written = 0;
        for (; !_logs.MustWait(Worker); written += 4096)
        {
            Assert.True(written < Budget, "The writer does not wait.");
            Write(new string('x', 4096));
        }

        return written;
    }

    private async Task<List<LogPiece>> ReadAsync(ulong task, uint attempt = 0)
    {
        var pieces = new List<LogPiece>();
        await foreach (var piece in _logs.ReadAsync(new TaskId(task), attempt, null, default)) pieces.Add(piece);
        return pieces;
    }

    private async Task<string> ReadTextAsync(ulong task, uint attempt = 0) =>
        string.Concat((await ReadAsync(task, attempt)).Select(piece => Encoding.UTF8.GetString(piece.Data.Span)));
}
