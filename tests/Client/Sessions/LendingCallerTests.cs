using Queued.Client.Pipes;
using Queued.Client.Sessions;
using Queued.Client.Wire;
using Queued.Protocol.V1;

namespace Queued.Client.Tests.Sessions;

/// <summary>Who brings an operation writes it himself, and neither those of all others, nor under a lock.</summary>
public sealed class LendingCallerTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly InlineSession _daemon = new();
    private readonly DaemonCalls _calls;
    private readonly SessionConnection _connection;

    public LendingCallerTests()
    {
        _calls = new DaemonCalls(new QueuedClientOptions { Address = "unix:/nowhere/q.sock" }, _daemon);
        _connection = new SessionConnection(_calls, Patience, TimeProvider.System);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        _calls.Dispose();
    }

    [Fact]
    public void Who_brings_an_operation_has_his_thread_back_after_one_message()
    {
        var more = 0;
        _daemon.Written = _ =>
        {
            if (more++ < 10)
                Call();
        };

        _daemon.Lend(
            () =>
            {
                more = 0;
                Call();
            },
            Patience);

        Assert.Equal(1, _daemon.CountOfLender);
    }

    [Fact]
    public void Who_begins_to_receive_from_a_pipe_holds_no_lock_while_he_writes()
    {
        PipeReceiver? receiver = null;
        var isHeld = false;
        _daemon.Written = _ => isHeld |= _daemon.IsLent && !IsDoneElsewhere(() => receiver!.ThrowIfFailed());

        _daemon.Lend(
            () =>
            {
                receiver = new PipeReceiver(_connection, "p", 7);
                receiver.Begin();
            },
            Patience);

        Assert.False(isHeld);
    }

    [Fact]
    public void Who_sends_to_a_pipe_holds_no_lock_while_he_writes()
    {
        PipeSender? sender = null;
        var isHeld = false;
        _daemon.Written = _ => isHeld |= _daemon.IsLent && !IsDoneElsewhere(() => Send(sender!));

        // Each time another: the window of one would be full at some time, and nobody be woken any more.
        _daemon.Lend(
            () =>
            {
                sender = new PipeSender(_connection, "p", 7, windowBytes: 1_000_000);
                Send(sender);
            },
            Patience);

        Assert.False(isHeld);
    }

    private static bool IsDoneElsewhere(Action act)
    {
        // Not on the pool, whose threads others of these tests wait for.
        var thread = new Thread(() => act()) { IsBackground = true };
        thread.Start();
        return thread.Join(TimeSpan.FromSeconds(5));
    }

    private static void Send(PipeSender sender) => _ = sender.SendAsync(TaskPayload.Empty, default).AsTask();

    private void Call() => _ = _connection.CallAsync(
        new SessionOperation { LeaveQueue = new LeaveQueueRequest { Queue = "letters" } }, CancellationToken.None);
}
