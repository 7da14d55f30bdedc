using Queued.Broker.Tests.Simulation;

namespace Queued.Broker.Tests.Structures;

/// <summary>The table of tasks against a sorted dictionary, under random work.</summary>
public sealed class TaskTableTests
{
    [Fact]
    public void Table_finds_and_walks_what_a_dictionary_does()
    {
        var random = new SimRandom(9);
        var table = new TaskTable();
        var known = new SortedDictionary<ulong, TaskEntry>();
        var queue = new QueueEntry("default", new LatestTerms());
        var submission = new TaskSubmission { Handler = "h" };
        for (ulong id = 1; id <= 8000; id++)
        {
            var task = new TaskEntry(new TaskId(id), queue, submission, default);
            table.Add(task);
            known.Add(id, task);
            while (known.Count > 0 && random.Chance(id < 4000 ? 0.3 : 0.6))
            {
                var victim = known.Keys.ElementAt(random.Below(Math.Min(50, known.Count)));
                table.Remove(known[victim]);
                known.Remove(victim);
            }
        }

        Assert.Equal(known.Count, table.Count);
        for (ulong id = 0; id <= 8001; id++) Assert.Same(known.GetValueOrDefault(id), table.Find(new TaskId(id)));
        Assert.Equal(known.Values.Reverse(), table.NewestFirst(null));
        var middle = known.Keys.ElementAt(known.Count / 2);
        Assert.Equal(
            known.Values.Where(task => task.Id.Value < middle).Reverse(), table.NewestFirst(new TaskId(middle)));
    }
}
