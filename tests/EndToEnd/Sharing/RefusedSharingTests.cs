using Queued.Client;
using Queued.EndToEnd.Tests.Faults;

namespace Queued.EndToEnd.Tests.Sharing;

/// <summary>What makes no sense with queues, pipes, state and memory is refused, with a type and a reason.</summary>
public sealed class RefusedSharingTests : IClassFixture<SharedDaemon>, IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static int _names;

    private readonly string _name = $"refused-{Interlocked.Increment(ref _names)}";
    private readonly FaultDaemon _daemon;
    private QueuedClient _other = null!;

    public RefusedSharingTests(SharedDaemon shared) => _daemon = shared.Daemon;

    private QueuedClient Client => _daemon.Client;

    public Task InitializeAsync()
    {
        _other = new QueuedClient(new QueuedClientOptions { Address = Client.Address });
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _other.DisposeAsync();

    [Fact]
    public async Task What_is_of_another_kind()
    {
        await Client.Queues.DeclareAsync(_name);
        await RefusedAsync<PreconditionFailedException>("WRONG_KIND", () => Client.Queue<int>(_name).GetAsync());
        await Client.Queue<int>(_name + "-messages").JoinAsync();
        await RefusedAsync<PreconditionFailedException>(
            "WRONG_KIND",
            () => Client.SubmitAsync("square", 1, new SubmitOptions { Queue = _name + "-messages" }),
            "task.queue");
        await using var held = Client.Lock(_name);
        await using var grant = await held.AcquireAsync();
        await RefusedAsync<PreconditionFailedException>(
            "WRONG_KIND", () => _other.Barrier(_name, 2).WaitAsync(), "name");
        await RefusedAsync<PreconditionFailedException>(
            "WRONG_KIND", () => _other.Value<int>(_name).GetAsync(), "name");

        await using var sender = Client.Pipe<int>(_name, PipeSide.Second, PipeMode.OneWay);
        await RefusedAsync<PipeClosedException>("PIPE_CLOSED", () => sender.ReceiveAsync().AsTask());
        await RefusedAsync<ConflictException>(
            "STATE_CONFLICT", () => _other.Pipe<int>(_name, PipeSide.First).OpenAsync().AsTask(), "mode");
    }

    [Fact]
    public async Task What_is_closed()
    {
        var queue = Client.Queue<int>(_name);
        await queue.PutAsync(1);
        await Client.Queues.DrainAsync(_name);
        await RefusedAsync<PreconditionFailedException>("QUEUE_DRAINING", () => queue.PutAsync(2));
        await RefusedAsync<PreconditionFailedException>("QUEUE_DRAINING", () => queue.TryPutAsync(2));
        Assert.Equal(1, await queue.GetAsync(Deadline));
        await RefusedAsync<PreconditionFailedException>("QUEUE_DRAINING", () => queue.GetAsync(Deadline), "queue");

        await using var one = Client.Pipe<int>(_name);
        await using var two = _other.Pipe<int>(_name);
        await one.OpenAsync();
        await two.OpenAsync();
        await two.CloseAsync();
        await RefusedAsync<PipeClosedException>("PIPE_CLOSED", () => one.ReceiveAsync(Deadline).AsTask());
        // A send says so with the next one, as it waits for no answer.
        await RefusedAsync<PipeClosedException>("PIPE_CLOSED", async () =>
        {
            while (true) await one.SendAsync(1);
        });
    }

    [Fact]
    public async Task What_is_full()
    {
        var policy = new QueuePolicy { TasksMax = 1, BytesMax = 10 };
        var queue = Client.Queue<byte[]>(_name, new MessageQueueOptions { Policy = policy });
        await queue.PutAsync(new byte[5]);
        var now = new PutOptions { Timeout = TimeSpan.Zero };
        var full = await RefusedAsync<CapacityExceededException>("QUEUE_FULL", () => queue.PutAsync([1], now));
        Assert.True(full.IsTransient);
        Assert.False(await queue.TryPutAsync([1]));
    }

    [Fact]
    public async Task What_has_a_bad_size()
    {
        var policy = new QueuePolicy { BytesMax = 10 };
        var queue = Client.Queue<byte[]>(_name, new MessageQueueOptions { Policy = policy });
        await RefusedAsync<InvalidRequestException>("PAYLOAD_TOO_LARGE", () => queue.PutAsync(new byte[11]));
        var free = Client.Queue<byte[]>(_name + "-free");
        await RefusedAsync<InvalidRequestException>("PAYLOAD_TOO_LARGE", () => free.PutAsync(new byte[5 << 20]));
        await RefusedAsync<InvalidRequestException>(
            "INVALID_REQUEST",
            () => Client.Pipe<int>(_name, bufferBytes: 1L << 40).OpenAsync().AsTask(),
            "buffer_bytes");
        await using var value = Client.Value<byte[]>(_name);
        await RefusedAsync<InvalidRequestException>("PAYLOAD_TOO_LARGE", () => value.SetAsync(new byte[2 << 20]));
        await using var array = Client.Array<int>(_name + "-array", 3);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => array.WriteAsync(2, new int[2]));
        await array.ReadAsync();
        await RefusedAsync<ConflictException>(
            "STATE_CONFLICT", () => _other.Array<int>(_name + "-array", 4).ReadAsync(), "spec.length");
        await RefusedAsync<InvalidRequestException>(
            "INVALID_REQUEST", () => Client.Semaphore(_name + "-semaphore", 1 << 30).AcquireAsync(), "spec.permits");
    }

    [Fact]
    public async Task An_end_that_is_taken()
    {
        await using var one = Client.Pipe<int>(_name, PipeSide.First);
        await one.OpenAsync();
        await RefusedAsync<PreconditionFailedException>(
            "PIPE_END_TAKEN", () => _other.Pipe<int>(_name, PipeSide.First).OpenAsync().AsTask());
        await using var two = _other.Pipe<int>(_name);
        await two.OpenAsync();
        await RefusedAsync<PreconditionFailedException>(
            "PIPE_END_TAKEN", () => _other.Pipe<int>(_name).OpenAsync().AsTask());
    }

    [Fact]
    public async Task What_is_not_held_or_not_any_more()
    {
        await using var condition = Client.Condition(_name);
        await RefusedAsync<PreconditionFailedException>("NOT_HELD", () => condition.NotifyAsync());
        await RefusedAsync<PreconditionFailedException>("NOT_HELD", () => Client.States.RevokeAsync(_name), "name");
        await RefusedAsync<GrantLostException>(
            "GRANT_STALE", () => Client.States.RevokeAsync(_name, 1), "fencing_token");

        var grant = await condition.AcquireAsync();
        await RefusedAsync<PreconditionFailedException>("NOT_HELD", () => _other.Condition(_name).NotifyAsync());
        Assert.Equal(grant.FencingToken, await Client.States.RevokeAsync(_name));
        await RefusedAsync<GrantLostException>(
            "GRANT_STALE", () => grant.ExtendAsync(TimeSpan.FromMinutes(1)), "fencing_token");
        await RefusedAsync<GrantLostException>("GRANT_STALE", () => grant.ReleaseAsync(), "fencing_token");

        await using var semaphore = Client.BoundedSemaphore(_name + "-semaphore", 1);
        await RefusedAsync<PreconditionFailedException>("PERMITS_EXCEEDED", () => semaphore.ReleaseAsync());
        await Client.Queue<int>(_name).PutAsync(1);
        await using var message = await Client.Queue<int>(_name).ReceiveAsync();
        await message.AckAsync();
        await RefusedAsync<GrantLostException>("GRANT_STALE", () => message.AckAsync());
    }

    [Fact]
    public async Task A_segment_over_its_quota_and_one_in_use()
    {
        var large = await RefusedAsync<CapacityExceededException>(
            "LIMIT_REACHED", () => Client.Memory.CreateAsync(_name, 2L << 30), "size_bytes");
        Assert.Equal("segment_bytes_max", large.Resource);
        await using var memory = await Client.Memory.CreateAsync(_name, 4096);
        await RefusedAsync<CapacityExceededException>(
            "LIMIT_REACHED", () => memory.ResizeAsync(2L << 30), "size_bytes");
        await RefusedAsync<ConflictException>("SEGMENT_EXISTS", () => _other.Memory.CreateAsync(_name, 1), "name");
        await using var same = await _other.Memory.OpenAsync(_name);
        await RefusedAsync<PreconditionFailedException>("STATE_IN_USE", () => memory.ResizeAsync(1));
        await RefusedAsync<SegmentNotFoundException>(
            "SEGMENT_NOT_FOUND", () => _other.Memory.OpenAsync(_name + "-none"), "name");
    }

    private static async Task<T> RefusedAsync<T>(string reason, Func<Task> operation, string? field = null)
        where T : QueuedException
    {
        var exception = await Assert.ThrowsAsync<T>(() => operation().WaitAsync(Deadline));
        Assert.Equal(reason, exception.Reason);
        Assert.NotEmpty(exception.Message);
        if (field is not null) Assert.Equal(field, exception.Field);
        return exception;
    }
}
