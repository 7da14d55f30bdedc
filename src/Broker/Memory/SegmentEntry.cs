namespace Queued.Broker;

internal enum SegmentState : byte
{
    /// <summary>Its file is being made.</summary>
    Making = 1,
    Ready = 2,

    /// <summary>Its file is being given another length.</summary>
    Resizing = 3,

    /// <summary>Nobody uses it any more.</summary>
    Removed = 4,
}

/// <summary>A memory segment: there as long as a session uses it, or waits for it.</summary>
internal sealed class SegmentEntry(
    SegmentId id, string name, long bytes, SessionEntry maker, DateTimeOffset createdAt)
{
    public SegmentId Id { get; } = id;

    /// <summary>Empty: it has none, or has it no more.</summary>
    public string Name { get; set; } = name;

    public DateTimeOffset CreatedAt { get; } = createdAt;

    public SessionEntry Maker { get; } = maker;

    public SegmentState State { get; private set; } = SegmentState.Making;

    public long Bytes { get; private set; } = bytes;

    /// <summary>The length that it is being given, while RESIZING.</summary>
    public long BytesNext { get; private set; }

    /// <summary>What it counts against the quota: of two lengths the longer.</summary>
    public long BytesCounted => Math.Max(Bytes, BytesNext);

    /// <summary>How often each session uses it.</summary>
    public Dictionary<SessionEntry, int> Users { get; } = [];

    /// <summary>Uses of all sessions together.</summary>
    public int Uses { get; set; }

    /// <summary>What was asked for while its file was in work, in the order of coming.</summary>
    public LinkedRing<Wait, Wait.Links> Waits { get; } = new();

    /// <summary>How many of these are to use it.</summary>
    public int Claims { get; set; }

    /// <summary>Payloads and results of tasks in it, and reads of them that are under way.</summary>
    public int Holds { get; set; }

    /// <summary>It was held, and its maker was not told since that it is no longer.</summary>
    public bool IsBusy { get; set; }

    /// <summary>Its maker alone uses it, and no task.</summary>
    public bool IsIdle => Holds == 0 && Uses == 1 && Users.ContainsKey(Maker);

    /// <summary>The task whose payload or result was put into it last.</summary>
    public TaskId Task { get; set; }

    /// <summary>Waits for the work that is under way. Null: nobody does, any more.</summary>
    public SegmentWait? Working { get; set; }

    public bool IsWanted => Uses > 0 || Claims > 0 || Holds > 0;

    public void BecomeReady(bool isDone)
    {
        Invariant.Require(State is SegmentState.Making or SegmentState.Resizing);
        if (State == SegmentState.Resizing && isDone) Bytes = BytesNext;
        BytesNext = 0;
        State = SegmentState.Ready;
    }

    public void BecomeResizing(long bytes)
    {
        Invariant.Require(State == SegmentState.Ready);
        BytesNext = bytes;
        State = SegmentState.Resizing;
    }

    public void BecomeRemoved()
    {
        Invariant.Require(State != SegmentState.Removed && !IsWanted);
        State = SegmentState.Removed;
    }
}
