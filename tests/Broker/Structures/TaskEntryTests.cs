using System.Runtime.CompilerServices;

namespace Queued.Broker.Tests.Structures;

public sealed class TaskEntryTests
{
    private readonly QueueEntry _queue = new("q", new LatestTerms());

    /// <summary>Millions of them may wait. Who makes one larger does so knowingly, and weighs it again.</summary>
    [Fact]
    public void Task_that_waits_takes_136_bytes_for_itself()
    {
        RuntimeHelpers.GetUninitializedObject(typeof(TaskEntry));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var task = RuntimeHelpers.GetUninitializedObject(typeof(TaskEntry));

        Assert.Equal(136, GC.GetAllocatedBytesForCurrentThread() - before);
        GC.KeepAlive(task);
    }

    [Fact]
    public void Payload_is_the_part_of_the_message_that_it_was()
    {
        byte[] message = [0, 1, 2, 3, 4, 5];

        var task = Add(message.AsMemory(2, 3));

        Assert.Equal([2, 3, 4], task.Payload.Data.ToArray());
        Assert.Equal(3, task.PayloadBytes);
        Assert.Equal("text/plain", task.Payload.ContentType);
        Assert.Equal(3, task.WindowBytes);
    }

    [Fact]
    public void Payload_that_the_store_has_keeps_its_length_and_its_media_type_alone()
    {
        var task = Add(new byte[] { 1, 2, 3 });

        task.ReleasePayload();

        Assert.Equal(TaskPayload.Stored(3, "text/plain"), task.Payload);
        Assert.Equal(0, task.WindowBytes);
    }

    [Fact]
    public void Payload_of_no_bytes_is_complete_and_holds_no_message()
    {
        var (task, message) = AddEmptyPartOfMessage();
        GC.Collect();

        Assert.False(message.IsAlive);
        Assert.Equal(new TaskPayload(default, "text/plain"), task.Payload);
        task.ReleasePayload();
        Assert.False(task.Payload.IsStored);
    }

    [Fact]
    public void Each_mark_of_a_task_is_for_itself()
    {
        var submission = Submission(default) with { RunAt = default(DateTimeOffset) };
        var task = new TaskEntry(new TaskId(1), _queue, submission, default);
        Assert.True(task.HasRunAt);

        task.IsAside = true;
        task.IsAdmitted = true;
        task.IsOnWallClock = true;
        task.IsAdmitted = false;

        Assert.True(task is { IsAside: true, IsAdmitted: false, IsOnWallClock: true, IsStored: false, HasRunAt: true });
    }

    private static TaskSubmission Submission(ReadOnlyMemory<byte> data) =>
        new() { Handler = "h", Queue = "q", Payload = new TaskPayload(data, "text/plain") };

    private TaskEntry Add(ReadOnlyMemory<byte> data) =>
        new(new TaskId(1), _queue, Submission(data), default) { IsStored = true };

    /// <summary>Apart, so that no local variable of the test holds the message.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private (TaskEntry Task, WeakReference Message) AddEmptyPartOfMessage()
    {
        var message = new byte[100];
        return (Add(message.AsMemory(50, 0)), new WeakReference(message));
    }
}
