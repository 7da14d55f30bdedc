using Queued.Broker.Tests.Simulation;

namespace Queued.Broker.Tests.Structures;

/// <summary>The intrusive list against a plain one, under random work.</summary>
public sealed class LinkedRingTests
{
    [Fact]
    public void Ring_holds_the_same_items_in_the_same_order_as_a_list()
    {
        var random = new SimRandom(5);
        var ring = new LinkedRing<Item, Item.Links>();
        var list = new List<Item>();
        for (var step = 0; step < 5000; step++)
        {
            if (list.Count == 0 || random.Chance(step % 500 < 250 ? 0.7 : 0.3))
            {
                var item = new Item();
                ring.AddLast(item);
                list.Add(item);
            }
            else
            {
                var item = random.Pick(list);
                ring.Remove(item);
                list.Remove(item);
            }

            var walked = new List<Item>();
            for (var item = ring.First; item is not null; item = LinkedRing<Item, Item.Links>.After(item))
                walked.Add(item);
            Assert.Equal(list, walked);
            Assert.Equal(list.Count, ring.Count);
        }
    }

    private sealed class Item
    {
        private Item? _next;
        private Item? _previous;

        internal readonly struct Links : IRingLinks<Item>
        {
            public static ref Item? Next(Item item) => ref item._next;

            public static ref Item? Previous(Item item) => ref item._previous;
        }
    }
}
